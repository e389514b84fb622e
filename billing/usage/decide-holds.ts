import { addSeconds, type Instant } from '../calendar/instant.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { ChargedUsage } from './charge-usage.ts';
import { captureUnits, placeHold } from './holds.ts';
import type { Facts, MeterCycle } from '../model/facts.ts';
import { isPool, unitsPerUnit } from '../model/terms.ts';
import { balancePeriodAt } from '../model/use-terms.ts';
import { formatCount } from '../model/counts.ts';
import { Refusal } from '../refusal.ts';
import { accountClosed } from '../model/closed-account.ts';
import { type PricedUsage, priceUsage, usageModeIn } from './decide-usage.ts';

/**
 * What is to be held, or was used of it. Priced like an event of use, by `feature`; or measured, by `meter` and a `quantity` of its units;
 * or as `credits` alone, where there is one pool.
 */
export interface HeldUse {
  readonly feature: string | null;
  readonly meter: string | null;
  readonly model: string | null;
  readonly quantity: number | null;
  readonly credits: number | null;
}

/** A hold lasts as long as its work may; whoever needs longer than this cannot tell the cycle its work belongs to (CRE-12). */
const LONGEST_SECONDS = 35 * 86_400;

/** What a hold reserves, or a capture takes, in the meter's smallest units (CRE-2). */
export function priceHeldUse(catalog: Catalog, use: HeldUse, at: Instant): PricedUsage {
  const { feature, meter, model, quantity, credits } = use;
  if (meter !== null) return measured(catalog, meter, quantity ?? credits ?? 1);
  return priceUsage(catalog, {
    ...{ feature: feature ?? '', occurredAt: at },
    ...(quantity === null ? {} : { quantity }),
    ...(credits === null ? {} : { credits }),
    ...(model === null ? {} : { model }),
  });
}

function measured(catalog: Catalog, name: string, quantity: number): PricedUsage {
  const meter = Object.hasOwn(catalog.meters, name) ? catalog.meters[name] : undefined;
  if (meter === undefined) {
    const message = `${catalog.name} has no meter "${name}"; it has ${Object.keys(catalog.meters).join(', ')}.`;
    throw new Refusal({ code: 'unknown_meter', message, field: 'meter' });
  }
  const units = Math.round(quantity * unitsPerUnit(meter));
  const isExact = Math.abs(units - quantity * unitsPerUnit(meter)) < 1e-6;
  if (isExact && units > 0 && Number.isSafeInteger(units)) return { meter: name, units };
  throw new Refusal({
    code: 'invalid_request',
    message: `quantity: expected a positive number of ${meter.unit}s that the meter can count exactly, found ${String(quantity)}.`,
    field: 'quantity',
  });
}

/** @throws Refusal `invalid_request` for a time that nobody could mean. */
export function holdExpiry(now: Instant, expiresInSeconds: number): Instant {
  const isTime = Number.isSafeInteger(expiresInSeconds) && expiresInSeconds > 0 && expiresInSeconds <= LONGEST_SECONDS;
  if (isTime) return addSeconds(now, expiresInSeconds);
  throw new Refusal({
    code: 'invalid_request',
    message: `expiresInSeconds: expected a whole number of seconds from 1 to ${formatCount(LONGEST_SECONDS)} (35 days), found ${String(expiresInSeconds)}.`,
    field: 'expiresInSeconds',
  });
}

/** Places a hold on the running cycle's balance, from which expired ones are gone already. @throws Refusal as `placeHold`, `usageModeIn`. */
export function decideHold(
  facts: Facts,
  catalog: Catalog,
  { priced, cycle, now }: { readonly priced: PricedUsage; readonly cycle: MeterCycle; readonly now: Instant },
): MeterCycle {
  const { meter } = priced;
  const mode = usageModeIn(facts, catalog, { period: balancePeriodAt(facts.account, now), meter, now });
  return placeHold(cycle, priced.units, { mode, isPool: isPool(catalog, meter), measures: catalog });
}

/**
 * Charges the hold's own cycle, open or closed (CRE-12), whatever has become of the account since, save that it was closed.
 * @throws Refusal `account_closed`.
 */
export function decideCapture(
  facts: Facts,
  cycle: MeterCycle,
  units: { readonly heldUnits: number; readonly usedUnits: number },
): ChargedUsage {
  assertBooksOpen(facts);
  return captureUnits(cycle, units, balancePeriodAt(facts.account, cycle.start).kind === 'trial' ? 'trial' : 'paid');
}

/** The last invoice of a closed account was final: what is charged or given back after it would stand on none. @throws Refusal `account_closed`. */
export function assertBooksOpen({ account }: Pick<Facts, 'account'>): void {
  if (account.closedAt !== null) throw accountClosed(account.accountId);
}
