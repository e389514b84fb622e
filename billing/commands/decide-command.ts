import type { Instant } from '../calendar/instant.ts';
import type { Catalog, CatalogVersion } from '../catalog/catalog.ts';
import type { Facts } from '../model/facts.ts';
import { beginTurn, changeAccount, recordAudit, type Turn } from '../model/turn.ts';
import { isOverdue } from '../schedule/collection.ts';
import { finishDrafts, issueInvoice, takeSetOffLines } from '../invoicing/issue-invoice.ts';
import { type Creditable, creditInvoice } from '../invoicing/credit-invoice.ts';
import { Refusal } from '../refusal.ts';
import { addSeats } from '../seats/buy-seats.ts';
import { assertActingAdmin } from '../seats/acting-admin.ts';
import { admitMember, ceilingReached, disableMember, enableMembers, requestRemoval } from '../seats/members.ts';
import { addMember, setRole } from '../seats/roles.ts';
import { countSeats } from '../seats/seats.ts';
import { cancel, changePlan, resume } from '../subscription/change-plan.ts';
import { closeAccount } from '../subscription/close.ts';
import { assertNotClosed } from '../model/closed-account.ts';
import type { CommandBodies, CommandType, Envelope } from '../model/command.ts';
import { type Decision, endTurn } from '../schedule/decision.ts';
import { extendTrial } from '../subscription/extend-trial.ts';
import { migrateCatalog } from '../subscription/migrate-catalog.ts';
import { billAfterEnd } from '../invoicing/bill-after-end.ts';
import { payInvoiceNow } from '../dunning/pay-invoice.ts';
import { payOut } from '../invoicing/pay-out.ts';
import { recordPayment } from '../dunning/record-payment.ts';
import { setCap } from '../usage/set-cap.ts';
import { setContract } from '../subscription/set-contract.ts';
import { setBillingContacts } from './set-billing-contacts.ts';
import { assertSeatsForSale, subscribe } from '../subscription/subscribe.ts';

type Result = Readonly<Record<string, unknown>>;
/** What activities find out before a command is decided: at the payment provider, or beyond the facts. */
export interface CommandContext {
  readonly attachedPaymentMethod?: { readonly paymentMethodId: string; readonly brand: string; readonly last4: string };
  /** The invoice that is to be credited; null where there is none of that number. */
  readonly creditable?: Creditable | null;
  /** The version of the catalog that the account is to move to. */
  readonly catalogVersion?: CatalogVersion;
}

type Decider<T extends CommandType> = (turn: Turn, body: CommandBodies[T], context: CommandContext) => Result;

const DECIDERS: { readonly [T in Exclude<CommandType, 'signUp'>]: Decider<T> } = {
  setPaymentMethod: (turn, _body, context) => setPaymentMethod(turn, context),
  subscribe,
  changePlan,
  cancel,
  resume,
  close: closeAccount,
  addSeats: (turn, { count }) => {
    assertSeatsForSale(turn);
    const { boughtSeats, takenBackCount } = addSeats(turn, count);
    return { seats: countSeats(turn.facts.seats), bought: boughtSeats.length, takenBack: takenBackCount };
  },
  removeSeats: (turn, body) => {
    assertSeatsForSale(turn);
    requestRemoval(turn, body);
    return { seats: countSeats(turn.facts.seats), endsAt: turn.facts.subscription?.cycle.end };
  },
  setAutomaticAllocation,
  enableMember: (turn, { memberId }) => ({ changed: enableMembers(turn, [memberId]).enabled === 1 }),
  enableMembers: (turn, { memberIds }) => enableMembers(turn, memberIds),
  disableMember: (turn, { memberId }) => disableMember(turn, memberId),
  addMember,
  setRole,
  admitMember: (turn, { memberId, login }) => {
    const ceiling = ceilingReached(turn);
    const { state, reason } = admitMember(turn, memberId, login ?? memberId);
    return { member: memberId, state, reason, ...(state === 'disabled' && ceiling !== null ? { ceiling } : {}) };
  },
  setCap,
  payInvoice: payInvoiceNow,
  creditInvoice: (turn, body, { creditable }) => creditInvoice(turn, body, creditable ?? null),
  extendTrial,
  migrateCatalog: (turn, _body, { catalogVersion }) => migrateCatalog(turn, catalogVersion),
  setContract,
  recordPayment,
  payOut,
  billAfterEnd,
  setBillingContacts,
};

/**
 * What a command changes. It takes effect at its own instant, but never before what is settled already (CAL-4).
 * @throws Refusal when the rules do not allow it; nothing has changed then.
 */
export function decideCommand(
  facts: Facts,
  catalog: Catalog,
  envelope: Envelope,
  context: CommandContext = {},
): Decision {
  const { commandId, actor, command } = envelope;
  assertNotClosed(facts, command.type);
  assertActingAdmin(facts, envelope.onBehalfOf);
  if (command.type === 'signUp') {
    throw new Refusal({ code: 'account_exists', message: `The account ${facts.account.accountId} already exists.` });
  }
  const { settledThrough } = facts.account;
  const at = envelope.effectiveAt < settledThrough ? settledThrough : envelope.effectiveAt;
  const turn = beginTurn(facts, catalog, { at, actor, commandId });
  const decide = DECIDERS[command.type] as Decider<typeof command.type>;
  const result = decide(turn, command, context);
  const isUnchanged = turn.facts === facts;
  if (!isUnchanged) changeAccount(turn, { settledThrough: at });
  return endTurn(turn, facts, result);
}

export interface CommandAnswer {
  readonly commandId: string;
  readonly at: Instant;
  readonly result: Result | null;
  readonly refusal: Refusal | null;
}

/**
 * Commands that waited together, decided one after the other; what they must invoice at once shares one invoice, each with its own
 * line (SBI-4). A refused one leaves no mark on the others. The database writes all decisions in one transaction, in order.
 */
export function decideCommands(
  facts: Facts,
  catalog: Catalog,
  envelopes: readonly Envelope[],
  context: CommandContext = {},
): { readonly decisions: readonly Decision[]; readonly answers: readonly CommandAnswer[] } {
  const decisions: Decision[] = [];
  const answers: CommandAnswer[] = [];
  let current = facts;
  for (const envelope of envelopes) {
    const { commandId } = envelope;
    try {
      const decision = decideCommand(current, catalog, envelope, context);
      current = decision.after;
      decisions.push(decision);
      answers.push({ commandId, at: current.account.settledThrough, result: decision.result, refusal: null });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      answers.push({ commandId, at: current.account.settledThrough, result: null, refusal: error });
    }
  }
  const together = invoiceTogether(current, catalog, decisions);
  return { decisions: together === null ? decisions : [...decisions, together], answers };
}

function invoiceTogether(facts: Facts, catalog: Catalog, decisions: readonly Decision[]): Decision | null {
  const paying = decisions.filter((decision) => decision.immediate.lines.length > 0);
  const [first] = paying;
  if (first === undefined || facts.subscription === null) return null;
  const seatNumbers = paying.flatMap((decision) => decision.immediate.seatNumbers);
  const at = facts.account.settledThrough;
  const { commandId } = first;
  const act = `invoice of ${commandId ?? ''}`;
  const turn = beginTurn(facts, catalog, { at, actor: 'perennial', commandId, act });
  finishDrafts(turn);
  issueInvoice(turn, {
    purpose: 'seats',
    period: { start: first.after.account.settledThrough, end: facts.subscription.cycle.end },
    cause: first.commandId ?? '',
    lines: [...paying.flatMap((decision) => decision.immediate.lines), ...takeSetOffLines(turn)],
    seatNumbers,
    keptSeats: paying.flatMap((decision) => decision.immediate.keptSeats),
    commandIds: decisions.flatMap((decision) => (dependsOn(decision, seatNumbers) ? [decision.commandId ?? ''] : [])),
  });
  return endTurn(turn, facts);
}

/** SBI-11: whether a command stands and falls with the payment for these seats: it bought some, or seated somebody on one. */
function dependsOn({ before, after, immediate }: Decision, seatNumbers: readonly number[]): boolean {
  if (immediate.lines.length > 0) return true;
  const seatedBefore = new Map(before?.seats.map((seat) => [seat.seatNumber, seat.memberId]));
  return after.seats.some(
    ({ seatNumber, memberId }) =>
      memberId !== null && seatNumbers.includes(seatNumber) && memberId !== seatedBefore.get(seatNumber),
  );
}

function setPaymentMethod(turn: Turn, { attachedPaymentMethod }: CommandContext): Result {
  if (attachedPaymentMethod === undefined)
    throw new Error('a payment method is attached before the command is decided');
  const { paymentMethodId, brand, last4 } = attachedPaymentMethod;
  const before = turn.facts.account.paymentMethod;
  changeAccount(turn, { paymentMethod: { paymentMethodId, brand, last4 } });
  recordAudit(turn, 'payment_method.set', before, { brand, last4 });
  // INV-5: what is owed is tried at once with the new one, also what is being tried with the old one.
  const liveInvoices = turn.facts.liveInvoices.map((invoice) =>
    isOverdue(invoice) && invoice.nextAttemptAt !== turn.at ? { ...invoice, nextAttemptAt: turn.at } : invoice,
  );
  turn.facts = { ...turn.facts, liveInvoices };
  return { brand, last4 };
}

function setAutomaticAllocation(turn: Turn, { enabled, ceiling }: CommandBodies['setAutomaticAllocation']): Result {
  const before = turn.facts.account.automaticAllocation;
  const after = { enabled, ceiling: ceiling === undefined ? before.ceiling : ceiling };
  if (before.enabled === after.enabled && before.ceiling === after.ceiling) return { ...after };
  changeAccount(turn, { automaticAllocation: after });
  recordAudit(turn, 'automatic_allocation.set', before, after);
  return { ...after };
}
