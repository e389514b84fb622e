import type { CommandContext } from '../billing/commands/decide-command.ts';
import type { Envelope } from '../billing/model/command.ts';
import type { Due } from '../billing/schedule/dues.ts';
import type { Instant } from '../billing/calendar/instant.ts';
import type { RefusalCode } from '../billing/refusal-codes.ts';
import type { AccountSummary } from './account-summary.ts';

/** Where an account's clock is: on the wall (perhaps shifted), or on a test clock that only moves when it is told to. */
export type AccountClock =
  | { readonly kind: 'real'; readonly offsetSeconds: number }
  | { readonly kind: 'test'; readonly testClockId: string; readonly now: Instant };

export interface RefusalAnswer {
  readonly code: RefusalCode;
  readonly message: string;
  readonly field?: string | null;
}

/** What became of a command. Exactly one of `result` and `refusal` is set. */
export interface Answer {
  readonly commandId: string;
  readonly at: Instant;
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly refusal: RefusalAnswer | null;
}

export interface Attached {
  readonly context: CommandContext | null;
  readonly refusal: RefusalAnswer | null;
  /** Stripe could not be asked; then there is neither a context nor a refusal yet. */
  readonly trouble?: Trouble;
}

/** Why something at Stripe is not done yet. */
export interface Trouble {
  /** It may pass by itself: an outage, a limit. Otherwise the same request gets the same answer, and a person has to look. */
  readonly isTransient: boolean;
  readonly message: string;
}

/**
 * `queue`: the account's other work waits, so an activity gives up after some seconds of trouble at Stripe and says so. `beside`: nobody waits;
 * trouble that may pass is thrown, so that Temporal tries again, and shows why.
 */
export type Pace = 'queue' | 'beside';

export interface Collected {
  /** Commands whose grant was taken back, because what they added was not paid for (SBI-11, CRE-16). */
  readonly revoked: readonly { readonly commandId: string; readonly refusal: RefusalAnswer }[];
  readonly summary: AccountSummary;
  /** Null when the try is over, however it ended. */
  readonly trouble: Trouble | null;
}

/**
 * The side effects of an account's workflow, one act each. All of them may run twice, late, or again after a crash on either side:
 * a repeat finds what was done and does nothing more.
 */
export interface AccountActivities {
  /** Reads what the workflow needs to know; null before the signup. */
  readAccount: (accountId: string) => Promise<AccountSummary | null>;
  /** Applies commands in order, in one transaction. */
  applyCommands: (input: {
    readonly accountId: string;
    readonly clock: AccountClock;
    readonly envelopes: readonly Envelope[];
    readonly context: CommandContext;
  }) => Promise<{ readonly answers: readonly Answer[]; readonly summary: AccountSummary | null }>;
  /** Attaches a card at Stripe and makes it the one that is charged; the command that records it comes after. */
  attachPaymentMethod: (accountId: string, envelope: Envelope, pace?: Pace) => Promise<Attached>;
  /** Closes and opens a cycle, ends a trial, gives a notice: whatever an instant brings, in one transaction. */
  workOffDue: (accountId: string, due: Due) => Promise<AccountSummary>;
  /** Pushes an invoice to Stripe, tries to collect it, and records how that ended. */
  collectInvoice: (accountId: string, due: Due, pace?: Pace) => Promise<Collected>;
  /** Asks Stripe how an invoice stands, and records a payment that was made there. `at` is the instant at which it is learned. */
  lookAtInvoice: (accountId: string, invoiceId: string, at: Instant) => Promise<AccountSummary>;
  /** Gives the money of one credit note back to the card, and records how that ended (INV-7). */
  refundCreditNote: (accountId: string, due: Due, pace?: Pace) => Promise<Collected>;
  /** Ends invoices at Stripe that have ended here. */
  closeAtStripe: (accountId: string) => Promise<AccountSummary>;
}
