import type { Instant } from '../calendar/instant.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { MeterCycle, Notice, NoticeDetail } from '../model/facts.ts';
import { isPool, unitsPerUnit } from '../model/terms.ts';
import { roundHalfAwayFromZero } from '../money/rational.ts';
import { chargeableUnits, overageCost } from './overage.ts';
import { type CrossedThreshold, crossedThresholds } from './thresholds.ts';

/** A notice that is given once under its key, whatever is reversed and used again. */
export interface ShareNotice {
  readonly notice: Notice;
  readonly onceKey: string;
}

/**
 * CRE-15, BUD-2: what use took its cycle past, as notices. `credits_50` is named after its meter: half of the base; `cap_75` and, where
 * a meter has a budget, `budget_75` are shares of the ceiling. A cycle that has ended tells nothing: nobody could act on it.
 */
export function shareNotices(
  catalog: Catalog,
  { before, after }: { readonly before: MeterCycle; readonly after: MeterCycle },
  now: Instant,
): readonly ShareNotice[] {
  if (after.closedAt !== null || after.end <= now) return [];
  return crossedThresholds(before, after).map((crossed) => ({
    notice: { at: now, kind: kindOf(catalog, after.meter, crossed), detail: detailOf(catalog, after, crossed) },
    onceKey: onceKeyOf(after, crossed),
  }));
}

function kindOf(catalog: Catalog, meter: string, { of, percent }: CrossedThreshold): string {
  const ceiling = isPool(catalog, meter) ? 'cap' : 'budget';
  return `${of === 'cap' ? ceiling : meter}_${String(percent)}`;
}

function detailOf(catalog: Catalog, cycle: MeterCycle, { of, percent }: CrossedThreshold): NoticeDetail {
  const { meter, start, end, capMinor, usedIncludedUnits, includedUnits } = cycle;
  const detail = { meter, percent, cycleStart: start, cycleEnd: end };
  if (of === 'cap') {
    const spentCents = roundHalfAwayFromZero(overageCost(cycle, chargeableUnits(cycle)));
    return { ...detail, spentCents, capCents: capMinor };
  }
  const counted = catalog.meters[meter];
  const per = counted === undefined ? 1 : unitsPerUnit(counted);
  return { ...detail, used: usedIncludedUnits / per, included: includedUnits / per };
}

/** A share of the base comes once a cycle; one of the cap once for each amount of it, which is how raising it re-arms them. */
function onceKeyOf({ meter, start, capMinor }: MeterCycle, { of, percent }: CrossedThreshold): string {
  const whole = of === 'cap' ? `cap ${String(capMinor)}` : 'included';
  return `${meter} ${start} ${whole} ${String(percent)}`;
}
