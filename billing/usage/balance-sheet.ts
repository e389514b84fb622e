import type { Instant } from '../calendar/instant.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { ChargedUsage, UsageMode } from './charge-usage.ts';
import { openMeterCycle } from './meter-cycle.ts';
import { overageCost } from './overage.ts';
import type { Facts, MeterCycle } from '../model/facts.ts';
import { type BalancePeriod, balancePeriodAt } from '../model/use-terms.ts';
import { compare, rational } from '../money/rational.ts';
import { Refusal } from '../refusal.ts';
import { chargeUsage, type PricedUsage, usageModeIn } from './decide-usage.ts';

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

/** What is decided on: at the clock's instant, or at that of an event which is ahead of it. */
interface Ground {
  readonly facts: Pick<Facts, 'account' | 'subscription'>;
  readonly catalog: Catalog;
}

interface Asked {
  readonly period: BalancePeriod;
  readonly meter: string;
  readonly now: Instant;
}

/** The balances of one account while its events are decided, one after the other, each on what the ones before it left. */
export class BalanceSheet {
  readonly #balances: Balance[];
  #lastMode: (Asked & { readonly mode: UsageMode }) | null = null;

  constructor(stored: readonly MeterCycle[]) {
    this.#balances = stored.map((cycle) => ({ before: cycle, after: cycle, isOpened: false, refusals: 0 }));
  }

  /**
   * Takes an event's units from the balance that its instant belongs to, closed or not (CRE-12). What does not fit is counted on it (CRE-6).
   */
  charge(
    priced: PricedUsage,
    { at, now }: { readonly at: Instant; readonly now: Instant },
    ground: Ground,
  ): ChargedUsage {
    const period = balancePeriodAt(ground.facts.account, at);
    const mode = this.#modeIn(ground, { period, meter: priced.meter, now });
    const balance = this.#kept(priced.meter, period) ?? this.#open(priced.meter, period);
    try {
      const charged = chargeUsage(ground.catalog, priced, balance.after, mode);
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

  /** Events that come together are nearly all of one period, and of one instant. */
  #modeIn({ facts, catalog }: Ground, asked: Asked): UsageMode {
    const last = this.#lastMode;
    if (last?.period === asked.period && last.meter === asked.meter && last.now === asked.now) return last.mode;
    const mode = usageModeIn(facts, catalog, asked);
    this.#lastMode = { ...asked, mode };
    return mode;
  }

  #kept(meter: string, { start }: BalancePeriod): Balance | undefined {
    return this.#balances.find(({ after }) => after.meter === meter && after.start === start);
  }

  #open(meter: string, period: BalancePeriod): Balance {
    const cycle = openMeterCycle(period, meter);
    const opened = { before: cycle, after: cycle, isOpened: true, refusals: 0 };
    this.#balances.push(opened);
    return opened;
  }
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
    message: 'quantity: this event would raise the total of its cycle above 2^53 − 1.',
    field: 'quantity',
  });
}
