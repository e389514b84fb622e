import type { Catalog } from '../catalog/catalog.ts';
import type { Instant } from '../calendar/instant.ts';
import { meterCycleAt } from '../usage/meter-cycle.ts';
import type { Facts, MeterCycle, ScheduledChange, Subscription } from '../model/facts.ts';
import { isPool, metersOf, planOf, scaleOf } from '../model/terms.ts';
import { subscriptionInForce } from '../model/use-terms.ts';
import { overageQuantity, owedAmount } from '../invoicing/arrears.ts';
import { Refusal } from '../refusal.ts';
import { countSeats, isSeatBilled, seatOf } from '../seats/seats.ts';
import { assertOneMore, usageModeOf } from '../usage/decide-usage.ts';
import type { AccountDocument, MemberDocument, MeterDocument, MeterTold, UseRefused } from '../model/document.ts';
import { duesOf } from '../schedule/dues.ts';

type Described = Omit<AccountDocument, 'invoices' | 'creditNotes' | 'notices' | 'audit'>;

/** What the facts say about an account, for people and programs; invoices, notices and audit come from their own tables. */
export function describeAccount(facts: Facts, catalog: Catalog, now: Instant): Described {
  const { account, subscription } = facts;
  const isPaid = subscription !== null && (account.phase === 'active' || account.phase === 'past_due');
  const closed = account.closedAt === null ? {} : { closedAt: account.closedAt };
  const trial = account.trialEndsAt === null ? {} : { trialEndsAt: account.trialEndsAt };
  return {
    accountId: account.accountId,
    catalog: account.catalogName,
    currency: account.currency,
    phase: account.phase,
    plan: planNameOf(facts, catalog),
    interval: subscription?.interval ?? null,
    pack: subscription?.pack ?? null,
    ...trial,
    ...closed,
    cycle: isPaid ? subscription.cycle : null,
    scheduledChange: scheduledChangeOf(facts),
    contract: contractOf(facts, catalog),
    paymentMethod:
      account.paymentMethod === null
        ? null
        : { brand: account.paymentMethod.brand, last4: account.paymentMethod.last4 },
    automaticAllocation: account.automaticAllocation,
    seats: isSeatBilled(facts, catalog) ? countSeats(facts.seats) : null,
    members: facts.members.map(({ memberId, login, role, state, reason }) => ({
      member: memberId,
      login,
      role,
      state,
      ...(reason === null ? {} : { reason }),
    })),
    meters: describeMeters(facts, catalog, now),
    next: duesOf(facts, catalog).map((due) => ({ at: due.at, what: due.summary })),
  };
}

/** The account's members, and what only somebody who looks at their list wants to know of each. */
export function describeMembers(facts: Facts): readonly MemberDocument[] {
  return facts.members.map(({ memberId, login, role, state, reason, stateSince }) => {
    const seat = seatOf(facts, memberId);
    const endsAt = seat?.removalRequestedAt == null ? null : (facts.subscription?.cycle.end ?? null);
    const why = reason === null ? {} : { reason };
    return { member: memberId, login, role, state, ...why, stateSince, seatEndsAt: endsAt };
  });
}

/** The plan in force; the free one where nothing is paid, none in a trial that nobody has ended with a choice. */
function planNameOf({ account, subscription }: Facts, catalog: Catalog): string | null {
  if (account.phase === 'free') return catalog.defaultPlan;
  return subscription?.plan ?? null;
}

function contractOf({ subscription }: Facts, catalog: Catalog): AccountDocument['contract'] {
  if (subscription?.contract == null) return null;
  const { priceMinor, seatPriceMinor, meters, invoiceDueDays } = subscription.contract;
  const { attributes } = planOf(catalog, subscription);
  return { priceCents: priceMinor, seatPriceCents: seatPriceMinor, meters, invoiceDueDays, attributes };
}

function scheduledChangeOf({ account, subscription }: Facts): AccountDocument['scheduledChange'] {
  if (subscription === null) return null;
  if (subscription.state === 'scheduled') return { at: subscription.anchor, to: `${subscription.plan} begins` };
  const { change, ending, cycle } = subscription;
  const next = account.nextCatalogVersion;
  if (ending !== null) return { at: cycle.end, to: ending.kind === 'cancel' ? 'canceled' : ending.plan };
  if (change === null && next === null) return null;
  const catalog = next === null ? '' : `, catalog version ${String(next)}`;
  return { at: cycle.end, to: `${changeInWords(subscription, change)}${catalog}` };
}

function changeInWords({ plan }: Subscription, change: ScheduledChange | null): string {
  if (change === null) return plan;
  if (change.kind === 'contract') return `${change.terms.plan}, by contract`;
  return `${plan}, ${change.pack ?? change.interval}`;
}

function describeMeters(facts: Facts, catalog: Catalog, now: Instant): Readonly<Record<string, MeterDocument>> {
  const cycles = runningMeterCycles(facts, catalog, now);
  return Object.fromEntries(cycles.map((cycle) => [cycle.meter, describeMeter(catalog, cycle)]));
}

/** The meters of the account's document, each with the unit it is counted in, what more of it costs, and whether more may be used. */
export function describeMetersInFull(
  facts: Facts,
  catalog: Catalog,
  now: Instant,
): Readonly<Record<string, MeterDocument & MeterTold>> {
  const cycles = runningMeterCycles(facts, catalog, now);
  return Object.fromEntries(
    cycles.map((cycle) => [cycle.meter, { ...describeMeter(catalog, cycle), ...toldOf(facts, catalog, cycle, now) }]),
  );
}

function runningMeterCycles(facts: Facts, catalog: Catalog, now: Instant): readonly MeterCycle[] {
  const offered = metersOf(catalog, subscriptionInForce(facts, now));
  const names = facts.account.phase === 'trialing' ? Object.keys(catalog.meters) : offered;
  return names.map((name) => meterCycleAt(facts, name, now));
}

/** The rate as it was agreed, never divided (MON-3): 3000 cents for 2500 credits, not 1.2 for one. */
function toldOf(facts: Facts, catalog: Catalog, cycle: MeterCycle, now: Instant): MeterTold {
  const { meter: name, priceMinor, pricePerUnits, start } = cycle;
  const meter = catalog.meters[name];
  const scale = scaleOf(catalog, name);
  const isSold = priceMinor !== null && pricePerUnits !== null;
  return {
    unit: meter?.unit ?? 'unit',
    rate: isSold ? { cents: priceMinor, per: pricePerUnits / scale } : null,
    isPool: isPool(catalog, name),
    startedAt: start,
    refused:
      refusalOf(() => {
        assertOneMore(facts, catalog, cycle, now);
      })?.code ?? null,
  };
}

/** Why nothing metered may be used now, whatever is left of it; null: it may. */
export function describeRefusal(facts: Facts, now: Instant): UseRefused | null {
  const refusal = refusalOf(() => usageModeOf(facts, now));
  if (refusal === null) return null;
  const { code, message, solve } = refusal;
  return { code, message, solve };
}

function refusalOf(decide: () => unknown): Refusal | null {
  try {
    decide();
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** In the meter's unit. What is shown is what is owed (CRE-5): parts of a minute are rounded up once, on the base's part and on the overage (BUD-1). */
function describeMeter(catalog: Catalog, cycle: MeterCycle): MeterDocument {
  const scale = scaleOf(catalog, cycle.meter);
  const included = cycle.includedUnits / scale;
  const beforeBiggerPack = cycle.bill.raises.at(-1)?.overageUnits ?? 0;
  return {
    included,
    usedIncluded: Math.min(Math.ceil(cycle.usedIncludedUnits / scale), included),
    overage: overageQuantity({ catalog }, cycle, cycle.overageUnits),
    overageCents: owedAmount({ catalog }, cycle, cycle.overageUnits),
    overageBeforeBiggerPack: Math.ceil(Math.min(beforeBiggerPack, cycle.overageUnits) / scale),
    capCents: cycle.capMinor,
    held: Math.ceil(cycle.heldUnits / scale),
    trial: Math.ceil(cycle.trialUnits / scale),
    refusals: cycle.refusals,
    renewsAt: cycle.end,
  };
}
