import type { Instant } from '../calendar/instant.ts';
import type { Interval, Period } from '../calendar/period.ts';
import type { PlanMeter } from '../catalog/catalog.ts';
import type { RefusalCode } from '../refusal-codes.ts';
import type { InvoiceStatus } from './invoice-status.ts';
import type { Phase } from './phase.ts';
import type { SubscriptionState } from './subscription-state.ts';
import type { UseBill } from './use-bill.ts';

/** Everything the core decides on, about one account: plain data, as it stands in Postgres. Amounts are minor units. */
export interface Facts {
  readonly account: Account;
  readonly subscription: Subscription | null;
  /** Seats that exist now; ended ones stay in the database and are not loaded. */
  readonly seats: readonly Seat[];
  readonly members: readonly Member[];
  /** Cycles of metered use that are open, or closed with overage that no invoice has yet. */
  readonly meterCycles: readonly MeterCycle[];
  /** Lines that wait for the next invoice: monthly prorations, carried balances, adjustments. */
  readonly pendingLines: readonly Line[];
  /** Invoices that still need something: drafts in their grace, and open ones to collect. */
  readonly liveInvoices: readonly Invoice[];
  /** Credit notes whose refund is still to be made. */
  readonly pendingCreditNotes: readonly CreditNote[];
}

export interface Account {
  readonly accountId: string;
  readonly ownerId: string;
  readonly catalogName: string;
  readonly catalogVersion: number;
  /** The version that it moves to at the end of what is paid (CAT-2); null where it stays. */
  readonly nextCatalogVersion: number | null;
  readonly currency: string;
  readonly signedUpAt: Instant;
  readonly phase: Phase;
  /** Why nothing is allowed while `blocked`; `payment_failed` also while `canceled`, when a new subscription's first payment fails. */
  readonly blockedCode: Extract<RefusalCode, 'trial_ended' | 'payment_failed' | 'not_subscribed'> | null;
  readonly trialEndsAt: Instant | null;
  /** How many of the trial's notices were given (TRI-7); they are given in order. */
  readonly trialNoticesGiven: number;
  readonly paymentMethod: PaymentMethod | null;
  readonly automaticAllocation: { readonly enabled: boolean; readonly ceiling: number | null };
  /** Ceilings in minor units per meter: a credits cap or a budget. A meter without an entry has no ceiling. */
  readonly caps: Readonly<Record<string, number>>;
  /** The latest instant that was worked off. Nothing takes effect before it (CAL-3, CAL-4). */
  readonly settledThrough: Instant;
  /** What was in force for metered use, and since when; oldest first, and no older than late events reach back (CRE-12). */
  readonly useTerms: readonly UseTerms[];
  /** What was charged in advance for a cycle and given back of it, as far as either may still change (INV-7); oldest first. */
  readonly advances: readonly AdvanceAccount[];
  readonly nextInvoiceNumber: number;
  readonly nextSeatNumber: number;
  readonly nextCreditNoteNumber: number;
  readonly closedAt: Instant | null;
  /** Whom its notices are mailed to. */
  readonly billingEmails: readonly string[];
}

export interface PaymentMethod {
  readonly paymentMethodId: string;
  readonly brand: string;
  readonly last4: string;
}

/** What one meter gives and costs per monthly cycle, in the meter's smallest units. */
export interface MeterTerms {
  readonly includedUnits: number;
  readonly priceMinor: number | null;
  readonly pricePerUnits: number | null;
}

/** Why nothing may be used, where nothing is in force. */
export type NothingInForce = NonNullable<Account['blockedCode']> | 'subscription_ended';

/**
 * What is in force for metered use from an instant on, until the next terms begin: a fact that is written down when it becomes one, so that an
 * event is judged by the terms of its own date (CRE-12).
 */
export interface UseTerms {
  readonly from: Instant;
  readonly kind: 'trial' | 'free' | 'paid' | 'none';
  /** Set where nothing is in force. */
  readonly refusedWith: NothingInForce | null;
  /** Months of use are counted from here: the signup, or the subscription's anchor (CAL-2, BUD-3). */
  readonly anchor: Instant;
  /** By meter; one that is absent is not on offer. In a trial there are no terms: everything is free (TRI-2). */
  readonly meters: Readonly<Record<string, MeterTerms>>;
  /** Ceilings in minor units, by meter. */
  readonly caps: Readonly<Record<string, number>>;
}

/**
 * The advance of one cycle as one thing that was sold (INV-7): base and seats, and whatever was added to them within it. Minor units; all of it given
 * back together is never more than what was billed and not given up.
 */
export interface AdvanceAccount {
  readonly cycleStart: Instant;
  readonly cycleEnd: Instant;
  readonly billedMinor: number;
  /** By credit notes and for unused parts (SBI-9); positive. */
  readonly givenBackMinor: number;
  /** Of what was billed: never paid, and given up (INV-5). */
  readonly givenUpMinor: number;
  /** Of what was given back: charged again, because what it was given for was given up. */
  readonly takenBackMinor: number;
}

/** What prices and allowances come from: a plan of the catalog, or a contract in its place. `planOf` (terms.ts) reads it. */
export interface Terms {
  readonly plan: string;
  readonly interval: Interval;
  readonly pack: string | null;
  readonly contract: Contract | null;
}

/** CRE-18, CAT-3: what was agreed with one customer, in the place of the catalog's terms. Amounts are minor units per interval. */
export interface Contract {
  /** For the interval as a whole, whatever is used; 0 where only seats are paid. */
  readonly priceMinor: number;
  /** Null where the contract is not sold by the seat. */
  readonly seatPriceMinor: number | null;
  /** What each meter gives and costs; a meter that is absent is not part of the contract. */
  readonly meters: Readonly<Record<string, Pick<PlanMeter, 'includedPerMonth' | 'overage'>>>;
  /** Invoices are due so many days after they are issued; null: the card is charged. */
  readonly invoiceDueDays: number | null;
  /** Support level, deployment option and the like, shown on the account's page in this order. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Terms that are to come, with what comes along. */
export interface NewTerms extends Terms {
  /** Seats from then on, never fewer than enabled members; null: as many as there are. */
  readonly seats: number | null;
  /** The ceilings from then on; null: as they are. */
  readonly caps: Readonly<Record<string, number>> | null;
}

/** A plan that costs money, from the moment it is chosen until it ends. */
export interface Subscription extends Terms {
  readonly state: SubscriptionState;
  /** The first cycle's first instant; all boundaries are counted from it (CAL-2). */
  readonly anchor: Instant;
  /** The cycle that is paid in advance: a month or a year; while scheduled, the first one to come. */
  readonly cycle: Period;
  /** The end of the running month of metered use; equals `cycle.end` on monthly plans (BUD-3). */
  readonly meterBoundaryAt: Instant;
  /** Seats to create when a scheduled subscription begins; 0 where the plan has no seats. */
  readonly seatsAtStart: number;
  /** When service was first owed: with the first payment, or with the first invoice where it is due later (CRE-18). */
  readonly firstPaidAt: Instant | null;
  /** While suspended: until when its advance may still be paid (INV-5); null otherwise. */
  readonly recoveryEndsAt: Instant | null;
  /** Why nothing was in force when it was chosen: the reason again if it ends without having begun (TRI-4); null where something was. */
  readonly blockedBefore: Account['blockedCode'];
  /** Other terms that begin at `cycle.end`; null: the same ones. */
  readonly change: ScheduledChange | null;
  /** The subscription ends at `cycle.end` (CRE-19); beside a change, which resuming brings back. */
  readonly ending: ScheduledEnd | null;
  /** Terms that come with the payment of the plan-change invoice that is open (SBI-9); null where none is. */
  readonly awaitedTerms: NewTerms | null;
}

/** `cancel`: nothing comes after. `free`: the free plan does (SBI-10). */
export type ScheduledEnd =
  | { readonly kind: 'cancel' }
  | { readonly kind: 'free'; readonly plan: string; readonly keepMemberIds: readonly string[] };

export type ScheduledChange =
  | { readonly kind: 'terms'; readonly interval: Interval; readonly pack: string | null }
  | { readonly kind: 'contract'; readonly terms: NewTerms };

export interface Seat {
  /** Counts up per account; never used again. */
  readonly seatNumber: number;
  readonly addedAt: Instant;
  readonly endedAt: Instant | null;
  readonly memberId: string | null;
  /** Set when the seat ends with the cycle (SBI-5). */
  readonly removalRequestedAt: Instant | null;
}

export type MemberRole = 'admin' | 'member';
/** `invited`: on the list, and not a member before their first private run or visit (SEA-2). */
export type DisabledReason = 'no_seat' | 'member_disabled' | 'seat_removed' | 'invited';

export interface Member {
  readonly memberId: string;
  readonly login: string;
  readonly role: MemberRole;
  readonly state: 'enabled' | 'disabled';
  readonly reason: DisabledReason | null;
  readonly createdAt: Instant;
  readonly enabledAt: Instant | null;
  /** When state or reason became what they are; null where that was before it was kept. */
  readonly stateSince: Instant | null;
  /** Why they were disabled before they were last enabled: the reason again where the seat for it is not paid for (SBI-11). */
  readonly reasonBefore: DisabledReason | null;
}

/** One meter's balance over one cycle, in the meter's smallest units (credits; seconds of a minute meter). */
export interface MeterCycle {
  readonly meter: string;
  readonly start: Instant;
  readonly end: Instant;
  readonly includedUnits: number;
  readonly usedIncludedUnits: number;
  readonly overageUnits: number;
  /** Used in a trial: shown, never billed (TRI-2). */
  readonly trialUnits: number;
  readonly heldUnits: number;
  /** Overage costs `priceMinor` per `pricePerUnits`, exact (CRE-5, MON-3); null where there is no overage. */
  readonly priceMinor: number | null;
  readonly pricePerUnits: number | null;
  readonly capMinor: number | null;
  /** Overage that is accounted for: what it costs stands on lines, or does not have to. */
  readonly billedOverageUnits: number;
  readonly bill: UseBill;
  readonly closedAt: Instant | null;
  /** Counts events and holds turned away (CRE-6). */
  readonly refusals: number;
}

export type LineKind = 'base' | 'seats' | 'proration' | 'overage' | 'credit' | 'adjustment' | 'carried';

export interface Line {
  readonly lineId: string;
  readonly kind: LineKind;
  readonly quantity: number;
  /** Minor units; negative for credits. */
  readonly amount: number;
  readonly periodStart: Instant;
  readonly periodEnd: Instant;
  readonly description: string;
  /** MON-5: enough to compute the amount again. */
  readonly explanation: Explanation;
  /** What an amount that was carried over is for (MON-6): nobody pays that before this line is paid. Absent on other lines. */
  readonly carries?: readonly SoldPart[];
}

/** What of an amount is for one thing that was sold; minor units, positive. */
export interface SoldPart {
  readonly sold: Sold;
  readonly amountMinor: number;
  /** It charges a credit again, and nothing else. */
  readonly isCreditTakenBack: boolean;
}

export interface Explanation {
  readonly rule: string;
  readonly formula: string;
  readonly inputs: Readonly<Record<string, string | number>>;
}

export type InvoicePurpose = 'start' | 'cycle' | 'seats' | 'plan-change' | 'final';

export interface Invoice {
  /** Names the business act: account, purpose and cycle or command (INV-1). */
  readonly invoiceId: string;
  /** Given when issued, without gaps per account; null while a draft. */
  readonly number: string | null;
  readonly purpose: InvoicePurpose;
  readonly status: InvoiceStatus;
  readonly currency: string;
  readonly issuedAt: Instant;
  readonly periodStart: Instant;
  readonly periodEnd: Instant;
  readonly total: number;
  /** When it is to be paid by whoever is sent invoices (CRE-18); null: the card is charged at once. */
  readonly dueAt: Instant | null;
  readonly lines: readonly Line[];
  /** Payment tries so far, and when the next is due; null when none is. */
  readonly attempts: number;
  readonly nextAttemptAt: Instant | null;
  readonly paidAt: Instant | null;
  /** What to undo when it is not paid (SBI-11). */
  readonly seatNumbers: readonly number[];
  /** Seats whose removal the same addition took back (SBI-12), as they were before. */
  readonly keptSeats: readonly Seat[];
  readonly commandIds: readonly string[];
}

/** What is given back of a paid invoice (INV-7); as final as the invoice, but for how far the refund has come. */
export interface CreditNote {
  readonly creditNoteId: string;
  /** Without gaps per account. */
  readonly number: string;
  readonly invoiceId: string;
  readonly invoiceNumber: string;
  /** The command that asked for it: it is refused after all when the refund is. */
  readonly commandId: string;
  readonly reason: string;
  /** `card`: refunded by the payment provider. `balance`: a line of the next invoice. */
  readonly destination: 'card' | 'balance';
  readonly status: 'pending' | 'refunded' | 'credited' | 'failed';
  /** It failed because so much of the invoice was refunded by hand at the provider, which counts as given back all the same. Minor units; else 0. */
  readonly refundedByHandMinor: number;
  readonly currency: string;
  readonly issuedAt: Instant;
  /** Minor units, positive. */
  readonly total: number;
  readonly lines: readonly CreditNoteLine[];
}

/** One thing that was sold, of which no more is given back than was paid: a cycle's advance, or one meter's use in a cycle. */
export interface Sold {
  readonly kind: 'advance' | 'use';
  /** Of use; null on lines of before meters were named. */
  readonly meter: string | null;
  readonly cycleStart: Instant;
}

export interface CreditNoteLine {
  /** The line of the invoice. */
  readonly lineId: string;
  /** What that line is about; null for one that only passes an amount on. */
  readonly sold: Sold | null;
  readonly description: string;
  readonly amount: number;
}

export interface Notice {
  readonly at: Instant;
  readonly kind: string;
  readonly detail: NoticeDetail;
}

/** What a notice is about. Its kind says which of these it has; older ones have fewer. Amounts are in the account's currency. */
export interface NoticeDetail {
  /** `trial_…`: when it ends, or has ended. */
  readonly trialEndsAt?: Instant | null;

  /** `credits_50`, `cap_75`, `budget_90`, …: a share (CRE-15) of what the cycle includes, or of its ceiling. */
  readonly meter?: string;
  readonly percent?: number;
  readonly cycleStart?: Instant;
  readonly cycleEnd?: Instant;
  /** Of the base, in the meter's unit. */
  readonly used?: number;
  readonly included?: number;
  /** Of the cap or the budget. */
  readonly spentCents?: number;
  readonly capCents?: number | null;

  /** `payment_failed`, `payment_reminder`, …: the invoice, by its number; of `credit_note_issued` the one that it gives back of. */
  readonly invoice?: string | null;
  /** Of the invoice, the credit note, or the final invoice. */
  readonly total?: number;
  /** null: this was the last try. */
  readonly nextAttemptAt?: Instant | null;

  /** `credit_note_issued`, `refund_failed`: the credit note's number. */
  readonly number?: string;
  readonly destination?: 'card' | 'balance';
  /** `refund_failed`: what the payment provider says. */
  readonly detail?: string;

  /** `seat_added_automatically` (SEA-15): for whom, why, and what it costs. */
  readonly member?: string;
  readonly login?: string;
  readonly reason?: string;
  /** What it costs for the rest of the cycle, from `from` until `until`. */
  readonly amountCents?: number;
  /** A seat's price for a whole cycle. */
  readonly seatPriceCents?: number;
  readonly from?: Instant;
  readonly until?: Instant;
  readonly billed?: 'now' | 'next_invoice';
  readonly seats?: number;
  readonly ceiling?: number | null;

  /** `members_without_seat` (SEA-8): whose seats were not asked for, of `seats`. */
  readonly logins?: readonly string[];

  /** `catalog_migration_scheduled` (CAT-2): to which version, and when. */
  readonly version?: number;
  readonly at?: Instant;

  /** `account_closed`: null where none was issued. */
  readonly finalInvoice?: string | null;
}

export interface AuditEntry {
  readonly at: Instant;
  readonly actor: string;
  readonly action: string;
  readonly before: unknown;
  readonly after: unknown;
}
