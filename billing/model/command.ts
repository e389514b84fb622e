import type { Instant } from '../calendar/instant.ts';
import type { Interval } from '../calendar/period.ts';
import type { MemberRole } from './facts.ts';

/** A command that needs no more than its name. */
export type NoFields = object;

/** What can be asked of an account. Each is a Temporal update and a signal of the same name (design.md). */
export interface CommandBodies {
  signUp: { readonly ownerId: string; readonly catalog: string };
  setPaymentMethod: { readonly paymentMethodId: string };
  subscribe: {
    readonly plan: string;
    readonly interval?: Interval;
    readonly seats?: number;
    readonly pack?: string;
    readonly capCents?: number;
    readonly startNow?: boolean;
  };
  changePlan: {
    readonly plan?: string;
    readonly interval?: Interval;
    readonly pack?: string;
    /** SBI-10: who stays when the plan becomes free. */
    readonly keepMemberIds?: readonly string[];
  };
  cancel: NoFields;
  resume: NoFields;
  /** Settles and ends the account for good; cancelling is the soft way. */
  close: NoFields;
  addSeats: { readonly count: number };
  removeSeats: { readonly count?: number; readonly memberId?: string };
  setAutomaticAllocation: { readonly enabled: boolean; readonly ceiling?: number | null };
  enableMember: { readonly memberId: string };
  /** All of them, or none where that is refused; what it costs is one line. */
  enableMembers: { readonly memberIds: readonly string[] };
  disableMember: { readonly memberId: string };
  /** Somebody is invited; they take no seat before they come. `role` is `member` when left out. */
  addMember: { readonly memberId: string; readonly login?: string; readonly role?: MemberRole };
  setRole: { readonly memberId: string; readonly role: MemberRole };
  admitMember: { readonly memberId: string; readonly login?: string };
  /** `capCents: null` takes an optional ceiling away. */
  setCap: { readonly meter: string; readonly capCents: number | null };
  /** An open invoice is tried at once. */
  payInvoice: { readonly number: string };
  /** INV-7: gives money of a paid invoice back. `line` counts from 1, as the invoice shows its lines; `to` is `card` when left out. */
  creditInvoice: {
    readonly number: string;
    readonly lines: readonly { readonly line: number; readonly amountCents: number }[];
    readonly reason: string;
    readonly to?: 'card' | 'balance';
  };
  extendTrial: { readonly days: number };
  /** Moves the account to another version of its catalog; the newest where none is named (CAT-2). */
  migrateCatalog: { readonly version?: number };
  /** Whom the account's notices are mailed to, in place of those before; nobody is fine. */
  setBillingContacts: { readonly emails: readonly string[] };
  /** CRE-18: what an operator agreed on with one customer. Amounts are minor units per interval. */
  setContract: {
    /** A plan of the catalog that is not self-serve. */
    readonly plan: string;
    readonly interval: Interval;
    readonly priceCents: number;
    readonly seats?: { readonly count: number; readonly priceCents: number };
    /** By meter. Without `overage` use ends with what is included; with it, and without `capCents`, there is no ceiling. */
    readonly meters?: Readonly<Record<string, ContractMeter>>;
    /** Invoices are sent and due so many days later; absent: the card is charged. */
    readonly invoiceDueDays?: number;
    /** Shown on the account's page: support level, deployment option, … */
    readonly attributes?: Readonly<Record<string, string>>;
    readonly startNow?: boolean;
  };
  /** What is owed to a customer without a subscription was paid out, by bank transfer for example; `reference` is for people. */
  payOut: { readonly reference?: string };
  /** The engine's own: what came after the last invoice is put on one. */
  billAfterEnd: NoFields;
  /** An open invoice was paid by another way than the card; `reference` is for people, like the bank's. */
  recordPayment: { readonly number: string; readonly reference?: string };
}

export interface ContractMeter {
  readonly includedPerMonth: number;
  readonly overage?: { readonly cents: number; readonly per: number } | null;
  readonly capCents?: number | null;
}

export type CommandType = keyof CommandBodies;
export type Command = { [T in CommandType]: { readonly type: T } & CommandBodies[T] }[CommandType];

/** A command as it travels: who asked, under which idempotency key, and when it takes effect (CAL-4). */
export interface Envelope {
  readonly commandId: string;
  readonly actor: string;
  readonly effectiveAt: Instant;
  /** The command is refused when the account has changed since its version was this one. */
  readonly ifVersion?: number;
  /** The member for whom it is asked, as an admin of the account: it is refused unless they are one when it is decided (SEA-17). Absent: a key, support, the engine. */
  readonly onBehalfOf?: string;
  readonly command: Command;
}

/** Commands that share one transaction and one invoice when they wait together (SBI-4). */
export const SEAT_ADDITIONS: ReadonlySet<CommandType> = new Set<CommandType>([
  'addSeats',
  'enableMember',
  'enableMembers',
  'admitMember',
]);
