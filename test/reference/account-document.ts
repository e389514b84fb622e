import { type AccountState, type Balance, catalogOf, type Invoice } from './account-state.ts';
import { instantOf } from './calendar.ts';
import { owedMinor } from './invoices.ts';
import { freePlanOf, isMeasured, stepsPerUnit } from './offers.ts';
import { phaseOf } from './phase.ts';
import { seatsOf } from './seats.ts';
import { cycleOf } from './subscription-life.ts';
import { balanceAt, balanceKey, monthWithin, spanAt } from './terms-in-force.ts';
import { capOf, heldIn, keyOf, overageOf, usedOf } from './use.ts';

/** The account as `expect` sees it (scenarios/README.md), as far as this model predicts it. */
export function describe(state: AccountState): Record<string, unknown> {
  const { subscription } = state;
  const cycle = subscription?.state === 'active' ? cycleOf(subscription) : null;
  const contract = subscription?.contract ?? null;
  const seats = subscription?.state === 'active' ? seatsOf(state) : null;
  return {
    phase: phaseOf(state),
    plan: phaseOf(state) === 'free' ? (freePlanOf(state)?.name ?? null) : (subscription?.plan ?? null),
    interval: subscription?.interval ?? null,
    trialEndsAt: state.trialEndsAt === null ? null : instantOf(state.trialEndsAt),
    closedAt: state.closedAt === null ? null : instantOf(state.closedAt),
    cycle: cycle === null ? null : { start: instantOf(cycle.from), end: instantOf(cycle.to) },
    contract:
      contract === null
        ? null
        : {
            priceCents: contract.priceCents,
            invoiceDueDays: contract.invoiceDueDays,
            attributes: { ...catalogOf(state).plans[contract.plan]?.attributes, ...contract.attributes },
          },
    scheduledChange: subscription?.change == null || cycle === null ? null : { at: instantOf(cycle.to) },
    seats:
      seats === null
        ? null
        : { quantity: seats.quantity, used: seats.used, free: seats.free, awaitingRemoval: seats.awaiting },
    members: state.members.map(({ id, state: now, reason }) => {
      return reason === null ? { member: id, state: now } : { member: id, state: now, reason };
    }),
    meters: Object.fromEntries(
      Object.keys(catalogOf(state).meters).map((meter) => [meter, describeMeter(state, meter)]),
    ),
    invoices: inOrderOfTime(state.invoices).map((invoice) => describeInvoice(state, invoice)),
    notices: state.notices.map(({ at, kind }) => ({ at: instantOf(at), kind })),
    creditNotes: state.creditNotes.map(({ number, invoice, amount, to }) => ({ number, invoice, amount, to })),
    next: [],
  };
}

function describeMeter(state: AccountState, meter: string): Record<string, unknown> {
  const span = spanAt(state, state.now);
  const perUnit = stepsPerUnit(catalogOf(state), meter);
  const balance = span === undefined || span.kind === 'none' ? null : peek(state, meter);
  const isTrial = balance === null || balance.kind === 'trial';
  const overage = isTrial ? 0 : overageOf(balance);
  return {
    included: isTrial ? 0 : balance.base / perUnit,
    usedIncluded: isTrial ? 0 : Math.ceil(usedOf(balance) / perUnit),
    overage: isMeasured(catalogOf(state), meter) ? Math.ceil(overage / perUnit) : overage,
    overageCents: isTrial ? 0 : owedMinor(state, balance),
    capCents: isTrial ? null : capOf(state, balance),
    held: balance === null ? 0 : heldIn(state, keyOf(balance)) / perUnit,
    trial: balance?.kind === 'trial' ? Math.ceil(overageOf(balance) / perUnit) : 0,
    refusals: balance?.refusals ?? 0,
  };
}

/** The running balance, also where nothing opened it yet; looking at it leaves no trace. */
function peek(state: AccountState, meter: string): Balance | null {
  const span = spanAt(state, state.now)!;
  const key = balanceKey(span.group, monthWithin(state, span, state.now).start, meter);
  if (Object.hasOwn(state.balances, key)) return state.balances[key]!;
  const { balances, ...rest } = state;
  return balanceAt({ ...rest, balances: { ...balances } }, meter, span, state.now);
}

function inOrderOfTime(invoices: readonly Invoice[]): Invoice[] {
  return [...invoices].sort((a, b) => a.issuedAt - b.issuedAt);
}

function describeInvoice(state: AccountState, invoice: Invoice): Record<string, unknown> {
  return {
    number: invoice.number,
    purpose: invoice.purpose,
    status: invoice.status,
    currency: catalogOf(state).currency,
    total: invoice.total,
    issuedAt: instantOf(invoice.issuedAt),
    dueAt: invoice.dueAt === null ? null : instantOf(invoice.dueAt),
    periodStart: instantOf(invoice.periodStart),
    periodEnd: instantOf(invoice.periodEnd),
    lines: invoice.lines.map(({ kind, quantity, amount, from, to }) => {
      return { kind, quantity, amount, periodStart: instantOf(from), periodEnd: instantOf(to) };
    }),
    // Only what is charged is at Stripe (MON-6), and it says the same there.
    stripe:
      invoice.number === null || invoice.status === 'carried' || invoice.total === 0
        ? null
        : { status: invoice.status, total: invoice.total },
  };
}
