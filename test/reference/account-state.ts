import type { Catalog } from '../../billing/catalog/catalog.ts';
import type { RefusalCode } from '../../billing/refusal-codes.ts';
import type { Second } from './calendar.ts';

/** All that is known of an account: plain data, so that a step can be tried on a copy and thrown away. */
export interface AccountState {
  now: Second;
  readonly id: string;
  readonly owner: string;
  readonly signedUpAt: Second;
  /** Every version that was published, the first one first; the account's own is `version` (CAT-2). */
  readonly catalogs: readonly Catalog[];
  version: number;
  successor: number | null;
  trialEndsAt: Second | null;
  card: Card | null;
  subscription: Subscription | null;
  /** Terms in force, as dated facts: each begins where the one before ends. */
  readonly spans: Span[];
  /** The caps that were set, by group of terms and meter, in order. */
  readonly caps: Record<string, Record<string, { at: Second; cents: number | null }[]>>;
  readonly balances: Record<string, Balance>;
  /** By id: what was asked, and what was answered (CRE-11). */
  readonly works: Record<string, Work>;
  readonly members: Member[];
  allocation: { enabled: boolean; ceiling: number | null };
  readonly invoices: Invoice[];
  readonly prorations: Proration[];
  /** What of a cycle's advance was credited as unused (SBI-9); by the thing that was sold. */
  readonly advances: Record<string, { from: Second; to: Second; unused: number }>;
  readonly creditNotes: CreditNote[];
  readonly notices: Notice[];
  /** TRI-7: the ends of which each share of the trial was told. */
  readonly toldOfTrial: string[];
  serials: number;
  /** How many invoices have a number (INV-1). */
  numbered: number;
  closedAt: Second | null;
  /** Whether an end's own first invoice was made: the next ones carry a small amount (MON-6). */
  hasLastInvoice: boolean;
  /** Looking ahead: what is due is paid, also what was sent (INV-3). */
  isEverythingPaid?: boolean;
  /** Looking ahead for an event that is dated ahead: nobody can foresee how a payment ends. */
  isPaymentUnknown?: boolean;
}

export type Card = 'visa' | 'declines_after_attach' | 'requires_action';
export type Interval = 'month' | 'year';

export interface Notice {
  at: Second;
  kind: string;
}

export interface Subscription {
  /** `scheduled`: begins at the trial's end; `waiting`: its first invoice is not paid; `active`: it runs. */
  state: 'scheduled' | 'waiting' | 'active' | 'suspended';
  plan: string;
  interval: Interval;
  pack: string | null;
  contract: Contract | null;
  /** Until its terms begin; then `caps` has them. */
  chosenCaps: Record<string, number | null>;
  seats: Seats | null;
  /** Counts subscriptions, and the changes that begin a new anchor: what was sold under each is accounted apart. */
  serial: number;
  anchor: Second;
  /** Months of the anchor that have begun, and the one at which the running cycle began. */
  month: number;
  cycleMonth: number;
  /** Of its terms, once they began. */
  group: string | null;
  groupFrom: Second;
  firstInvoice: number | null;
  isFirstPaid: boolean;
  /** It ends with its cycle: for Free where there is one, and whom an admin chose to stay there. */
  ending: { keep: string[] | null } | null;
  change: Change | null;
  /** Why nothing was in force before it was chosen. */
  before: RefusalCode;
  /** Suspended: until when its advance may still be paid (INV-5). */
  until: Second | null;
}

export interface Seats {
  quantity: number;
  /** Free seats that end with the cycle. */
  leavingFree: number;
}

export interface Contract {
  plan: string;
  interval: Interval;
  priceCents: number;
  seats: { count: number; priceCents: number } | null;
  meters: Record<string, ContractMeter>;
  invoiceDueDays: number | null;
  attributes: Record<string, string>;
}

export interface ContractMeter {
  includedPerMonth: number;
  overage?: { cents: number; per: number };
  capCents?: number;
}

/** What the next cycle is to be, where it is not what this one is. */
export interface Change {
  plan: string;
  interval: Interval;
  pack: string | null;
  contract: Contract | null;
}

export interface MeterTerms {
  /** Units included in each month. */
  readonly included: number;
  /** What overage costs; null: none is sold. */
  readonly price: { readonly cents: number; readonly per: number } | null;
}

export interface Span {
  kind: 'trial' | 'paid' | 'free' | 'none';
  from: Second;
  to: Second | null;
  /** Names the balances of these terms; a subscription that was suspended goes on in its own (INV-6). */
  group: string;
  groupFrom: Second;
  anchor: Second;
  /** Why an event of that time is refused; only where nothing is in force. */
  reason: RefusalCode | null;
  pieces: { from: Second; meters: Record<string, MeterTerms> }[];
}

export interface Balance {
  readonly meter: string;
  readonly group: string;
  readonly start: Second;
  end: Second;
  kind: Span['kind'];
  /** In the meter's smallest units, as all quantities here. */
  base: number;
  price: MeterTerms['price'];
  entries: Entry[];
  /** How many bigger packs came within it (CRE-14). */
  era: number;
  refusals: number;
  /** Until it begins: the cap that it will have if nothing more happens. */
  capAhead?: number | null;
  /** Notices that were told, with the cap they were told of (CRE-15). */
  readonly told: string[];
}

export interface Entry {
  readonly id: string;
  base: number;
  overage: number;
  readonly era: number;
  /** The cap when it was recorded. */
  readonly capCents: number | null;
}

export interface Work {
  readonly kind: 'event' | 'hold';
  readonly asked: string;
  readonly occurredAt: Second;
  balance: string;
  readonly units: number;
  readonly answer: UseAnswer;
  /** Of a hold. */
  readonly expiresAt: Second;
  state: 'open' | 'captured' | 'released' | 'recorded' | 'reversed';
  capturedAs: string | null;
  outcome: Record<string, number> | null;
  /** What came back where, once it was given back (CRE-14). */
  givenBack: UseAnswer | null;
}

export interface UseAnswer {
  included: number;
  overage: number;
  trial?: number;
}

export interface Member {
  readonly id: string;
  state: 'enabled' | 'disabled';
  reason: 'no_seat' | 'member_disabled' | 'seat_removed' | null;
  enabledAt: Second;
  /** Order among those who were enabled at one instant. */
  enabledNth: number;
  leaving: boolean;
  /** Has a seat of a suspended subscription. */
  isSeatKept: boolean;
}

export type LineKind = 'base' | 'seats' | 'proration' | 'overage' | 'credit' | 'adjustment' | 'carried';

export interface Line {
  kind: LineKind;
  quantity: number;
  amount: number;
  from: Second;
  to: Second;
  /** What was sold, for the account of what is given back of it. */
  thing: string | null;
  /** What had waited for this line, and waits again when the invoice is void. */
  takes: string | null;
  /** A credit that is charged again, and nothing else. */
  isTakenBack?: boolean;
  /** BUD-2: what a budget lets nobody owe, beside what it is of. */
  isWriteOff?: boolean;
}

export type InvoiceStatus = 'draft' | 'open' | 'paid' | 'void' | 'uncollectible' | 'carried';

export interface Invoice {
  readonly index: number;
  number: string | null;
  readonly purpose: 'start' | 'cycle' | 'seats' | 'plan-change' | 'final';
  status: InvoiceStatus;
  readonly issuedAt: Second;
  readonly periodStart: Second;
  readonly periodEnd: Second;
  dueAt: Second | null;
  lines: Line[];
  total: number;
  /** A draft's end of grace, and the use that still joins it. */
  draftUntil: Second | null;
  /** Failed tries that were planned (INV-5), and the next one. */
  tries: number;
  firstTryAt: Second | null;
  nextTryAt: Second | null;
  /** Tried in vain, or not paid on its day: it makes the account past due. */
  isFailed: boolean;
  /** The subscription under which that was so. */
  failedUnder: number | null;
  /** Where its advance was sold: the cycle's thing. */
  readonly advance: string | null;
  writtenOff: number;
  /** Given up before it was paid, so that what it took waits again for good. */
  isReleased: boolean;
}

export interface Proration {
  readonly id: string;
  readonly line: Line;
}

export interface CreditNote {
  readonly number: string;
  readonly invoice: string;
  readonly at: Second;
  readonly line: number;
  readonly amount: number;
  /** What of it is for which thing that was sold. */
  readonly parts: readonly { readonly thing: string; readonly amount: number }[];
  readonly period: { readonly from: Second; readonly to: Second };
  readonly to: 'card' | 'balance';
}

export function copyOf(state: AccountState): AccountState {
  const { catalogs, ...rest } = state;
  return { ...(copied(rest) as typeof rest), catalogs };
}

/** Plain data alone, which is faster than what copies anything. */
function copied(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copied);
  const copy: Record<string, unknown> = {};
  for (const key in value) copy[key] = copied((value as Record<string, unknown>)[key]);
  return copy;
}

export function catalogOf(state: AccountState, version = state.version): Catalog {
  const catalog = state.catalogs[version - 1];
  if (catalog === undefined) throw new Error(`no version ${version}`);
  return catalog;
}

export function tell(state: AccountState, at: Second, kind: string): void {
  state.notices.push({ at, kind });
}
