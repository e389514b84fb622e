import type { Instant } from '../calendar/instant.ts';
import type { Catalog, Plan } from '../catalog/catalog.ts';
import { Refusal } from '../refusal.ts';
import type {
  Account,
  AuditEntry,
  CreditNote,
  Facts,
  Invoice,
  Line,
  Member,
  Notice,
  Seat,
  Subscription,
} from './facts.ts';
import { catalogInForce } from './catalog-in-force.ts';
import { FIRST_INVOICE_STATUS, type InvoiceStatus, isLiveStatus, movedInvoiceStatus } from './invoice-status.ts';
import { movedPhase, type Phase } from './phase.ts';
import { assertSubscriptionMove, type SubscriptionState } from './subscription-state.ts';

/**
 * One decision in the making: the facts as they change, and what else the decision writes. The rules' functions take a turn
 * and leave their mark on it; nobody outside the decision sees it before it is complete, and a Refusal thrown on the way
 * throws all of it away. Rows that did not change stay the same objects, which is how the database finds what to write.
 */
export interface Turn {
  readonly at: Instant;
  readonly actor: string;
  readonly commandId: string | null;
  /** What the decision is about, where several at one instant, or of one command, could make lines; default: the command, or the boundary. */
  readonly act?: string;
  /** Another one from where the account moves to it (CAT-2). */
  catalog: Catalog;
  facts: Facts;
  readonly notices: Notice[];
  readonly audit: AuditEntry[];
  /** Lines to be invoiced as soon as the turn ends (SBI-3), with the seats they pay for. */
  readonly immediateLines: Line[];
  readonly immediateSeatNumbers: number[];
  /** Seats whose removal this turn took back, to be put back should those lines not be paid (SBI-11); as they were before. */
  readonly keptSeats: Seat[];
  /** Invoices that this turn settled for good; they leave the facts. */
  readonly settledInvoices: Invoice[];
  /** Credit notes that this turn brought to their end; they leave the facts. */
  readonly settledCreditNotes: CreditNote[];
  /** Seats that this turn ended; they leave the facts. */
  readonly endedSeats: Seat[];
  nextLine: number;
}

export function beginTurn(
  facts: Facts,
  catalog: Catalog,
  who: { at: Instant; actor: string; commandId: string | null; act?: string },
): Turn {
  return {
    ...who,
    catalog: catalogInForce(facts, catalog),
    facts,
    notices: [],
    audit: [],
    immediateLines: [],
    immediateSeatNumbers: [],
    keptSeats: [],
    settledInvoices: [],
    settledCreditNotes: [],
    endedSeats: [],
    nextLine: 1,
  };
}

export function changeAccount(turn: Turn, change: Partial<Account>): void {
  turn.facts = { ...turn.facts, account: { ...turn.facts.account, ...change } };
}

/** Whatever of it may change without a move. */
type SubscriptionChange = Partial<Omit<Subscription, 'state'>> & { readonly state?: never };

/** The one setter of a subscription, and so of its state, its beginning and its end included. */
function setSubscription(turn: Turn, subscription: Subscription | null): void {
  assertSubscriptionMove(turn.facts.subscription?.state ?? 'none', subscription?.state ?? 'none', turn.at);
  turn.facts = { ...turn.facts, subscription };
}

/** A plan is chosen; `startSubscription` begins it, now or when its instant comes. */
export function scheduleSubscription(turn: Turn, chosen: Omit<Subscription, 'state'>): void {
  setSubscription(turn, { ...chosen, state: 'scheduled' });
}

/** Moves a subscription to a state, with what changes beside it. One that is so already stays the same object. */
export function moveSubscription(turn: Turn, state: SubscriptionState, change: SubscriptionChange = {}): void {
  const before = subscriptionOf(turn);
  const after = { ...before, ...change, state };
  const isOther = Object.entries(after).some(([name, value]) => before[name as keyof Subscription] !== value);
  if (isOther) setSubscription(turn, after);
}

/** Changes what is no move. One that is so already stays the same object. */
export function changeSubscription(turn: Turn, change: SubscriptionChange): void {
  moveSubscription(turn, subscriptionOf(turn).state, change);
}

export function removeSubscription(turn: Turn): void {
  setSubscription(turn, null);
}

/** Whatever of it may change without a move; its id names it for good (INV-1). */
type InvoiceChange = Partial<Omit<Invoice, 'status' | 'invoiceId'>> & {
  readonly status?: never;
  readonly invoiceId?: never;
};

/** Puts an invoice among the facts, as a draft. */
export function addInvoice(turn: Turn, invoice: Omit<Invoice, 'status'>): void {
  const draft: Invoice = { ...invoice, status: FIRST_INVOICE_STATUS };
  turn.facts = { ...turn.facts, liveInvoices: [...turn.facts.liveInvoices, draft] };
}

/** The one setter of an invoice's status, with what changes beside it. One that needs nothing more leaves the facts. */
export function moveInvoice(turn: Turn, invoice: Invoice, status: InvoiceStatus, change: InvoiceChange = {}): void {
  replaceInvoice(turn, { ...invoice, ...change, status: movedInvoiceStatus(invoice.status, status, turn.at) });
}

/** Changes what is no move. */
export function changeInvoice(turn: Turn, invoice: Invoice, change: InvoiceChange): void {
  replaceInvoice(turn, { ...invoice, ...change });
}

function replaceInvoice(turn: Turn, invoice: Invoice): void {
  const isLive = isLiveStatus(invoice.status);
  if (!isLive) turn.settledInvoices.push(invoice);
  const liveInvoices = isLive
    ? turn.facts.liveInvoices.map((other) => (other.invoiceId === invoice.invoiceId ? invoice : other))
    : turn.facts.liveInvoices.filter((other) => other.invoiceId !== invoice.invoiceId);
  turn.facts = { ...turn.facts, liveInvoices };
}

export function changeSeats(turn: Turn, change: (seat: Seat) => Seat): void {
  turn.facts = { ...turn.facts, seats: turn.facts.seats.map(change) };
}

export function changeMember(turn: Turn, memberId: string, change: Partial<Member>): void {
  const members = turn.facts.members.map((member) => {
    if (member.memberId !== memberId) return member;
    const changed = { ...member, ...change };
    const isMoved = changed.state !== member.state || changed.reason !== member.reason;
    const reasonBefore = changed.state === 'enabled' ? (member.reason ?? member.reasonBefore) : null;
    return isMoved ? { ...changed, stateSince: turn.at, reasonBefore } : changed;
  });
  turn.facts = { ...turn.facts, members };
}

export function moveTo(turn: Turn, phase: Phase, blockedCode: Account['blockedCode'] = null): void {
  const before = turn.facts.account.phase;
  if (before === phase && turn.facts.account.blockedCode === blockedCode) return;
  changeAccount(turn, { phase: movedPhase(before, phase, turn.at), blockedCode });
  if (before !== phase) recordAudit(turn, 'phase.changed', before, phase);
}

/** AUD-2: who, when, what, before, after. */
export function recordAudit(turn: Turn, action: string, before: unknown, after: unknown): void {
  turn.audit.push({ at: turn.at, actor: turn.actor, action, before, after });
}

export function giveNotice(turn: Turn, kind: string, detail: Notice['detail'] = {}): void {
  turn.notices.push({ at: turn.at, kind, detail });
}

/** A line with an id that is unique in its account: the deciding act's name and a counter. */
export function makeLine(turn: Turn, line: Omit<Line, 'lineId'>): Line {
  const act = turn.act === undefined ? (turn.commandId ?? `boundary ${turn.at}`) : `${turn.act} ${turn.at}`;
  return { lineId: `${act}#${String(turn.nextLine++)}`, ...line };
}

export function subscriptionOf(turn: Turn): Subscription {
  if (turn.facts.subscription === null) {
    throw new Refusal({
      code: 'not_subscribed',
      message: `The account ${turn.facts.account.accountId} has no paid subscription.`,
    });
  }
  return turn.facts.subscription;
}

/** Until new terms are paid for nobody knows which hold; that takes as long as the payment provider takes to answer (SBI-9). */
export function assertNothingAwaited(turn: Turn): void {
  if (turn.facts.subscription?.awaitedTerms == null) return;
  throw new Refusal({
    code: 'change_pending',
    message: 'A plan change is waiting for its payment. Try again once the payment has succeeded or failed.',
  });
}

export function planNamed(catalog: Catalog, name: string): Plan {
  const plan = Object.hasOwn(catalog.plans, name) ? catalog.plans[name] : undefined;
  if (plan === undefined) {
    throw new Refusal({
      code: 'unknown_plan',
      message: `The catalog ${catalog.name} has no plan "${name}"; it has ${Object.keys(catalog.plans).join(', ')}.`,
      field: 'plan',
    });
  }
  return plan;
}
