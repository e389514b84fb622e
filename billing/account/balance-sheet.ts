import type { Instant } from '../calendar/instant.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { ChargedUsage } from '../credits/charge-usage.ts';
import { openMeterCycle } from '../credits/meter-cycle.ts';
import { overageCost } from '../credits/overage.ts';
import type { Facts, MeterCycle } from '../facts/facts.ts';
import { compare, rational } from '../money/rational.ts';
import { Refusal } from '../refusal.ts';
import { chargeUsage, type PricedUsage } from './decide-usage.ts';

/** A balance as it was found and as it is to be. */
export interface BalanceChange {
  readonly before: MeterCycle;
  readonly after: MeterCycle;
  /** The first event of a cycle opens its balance (design.md: no worker is needed). */
  readonly isOpened: boolean;
  /** CRE-6: how many did not fit. */
  readonly refusals: number;
}

interface Balance {
  before: MeterCycle;
  after: MeterCycle;
  readonly isOpened: boolean;
  refusals: number;
}

/** The balances of one account while its events are decided, one after the other, each on what the ones before it left. */
export class BalanceSheet {
  readonly #catalog: Catalog;
  /** Without balances, which change with every event. */
  readonly #facts: Facts;
  readonly #balances: Balance[];

  constructor(catalog: Catalog, facts: Pick<Facts, 'account' | 'subscription'>, stored: readonly MeterCycle[]) {
    this.#catalog = catalog;
    this.#facts = withCycles(facts, []);
    this.#balances = stored.map((cycle) => ({ before: cycle, after: cycle, isOpened: false, refusals: 0 }));
  }

  /**
   * Takes an event's units from the balance that holds an instant, closed or not (CRE-12); where terms changed within a month, the
   * latest. What does not fit is counted on it (CRE-6).
   */
  charge(priced: PricedUsage, at: Instant, now: Instant): ChargedUsage {
    const balance = this.#holding(priced.meter, at) ?? this.#open(priced.meter, at);
    try {
      const charged = chargeUsage(this.#facts, this.#catalog, priced, balance.after, now);
      assertExact(charged.cycle);
      balance.after = charged.cycle;
      return charged;
    } catch (error) {
      if (error instanceof Refusal && isTurnedAway(error)) balance.refusals += 1;
      throw error;
    }
  }

  changes(): readonly BalanceChange[] {
    return this.#balances.filter(({ before, after, refusals }) => before !== after || refusals > 0);
  }

  #holding(meter: string, at: Instant): Balance | undefined {
    let found: Balance | undefined;
    for (const balance of this.#balances) {
      const { after: cycle } = balance;
      const holds = cycle.meter === meter && cycle.start <= at && at < cycle.end;
      if (holds && (found === undefined || cycle.start > found.after.start)) found = balance;
    }
    return found;
  }

  #open(meter: string, at: Instant): Balance {
    const meterCycles = this.#balances.map((balance) => balance.after);
    const cycle = openMeterCycle({ ...this.#facts, meterCycles }, this.#catalog, meter, at);
    const same = this.#balances.find(({ after }) => after.meter === meter && after.start === cycle.start);
    if (same !== undefined) {
      // Its terms were cut short in the very second in which it began: it goes on to the new end.
      same.after = { ...same.after, end: cycle.end };
      return same;
    }
    const opened = { before: cycle, after: cycle, isOpened: true, refusals: 0 };
    this.#balances.push(opened);
    return opened;
  }
}

/** Facts about use: seats, members and invoices have no say in it. */
export function withCycles(
  { account, subscription }: Pick<Facts, 'account' | 'subscription'>,
  meterCycles: readonly MeterCycle[],
): Facts {
  return {
    account,
    subscription,
    meterCycles,
    seats: [],
    members: [],
    pendingLines: [],
    liveInvoices: [],
    pendingCreditNotes: [],
  };
}

function isTurnedAway({ code }: Refusal): boolean {
  return code === 'spending_cap_reached' || code === 'budget_reached';
}

const LARGEST = rational(Number.MAX_SAFE_INTEGER);

/** MON-1: a cycle's sum, and what it costs, stay exact integers. Nothing could be read again that went beyond. */
function assertExact(cycle: MeterCycle): void {
  const { usedIncludedUnits, overageUnits, trialUnits, heldUnits, priceMinor } = cycle;
  if (Number.isSafeInteger(usedIncludedUnits + overageUnits + trialUnits + heldUnits)) {
    // A price is for one unit or more, so this is the most that they can cost: nearly always little enough.
    if (Number.isSafeInteger(overageUnits * (priceMinor ?? 0))) return;
    if (compare(overageCost(cycle, overageUnits), LARGEST) <= 0) return;
  }
  throw new Refusal({
    code: 'invalid_request',
    message: 'quantity: with this event the cycle would add up to more than 2^53 − 1.',
    field: 'quantity',
  });
}
