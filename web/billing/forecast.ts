import type { Schemas } from '../api/client.ts';

/** What a meter comes to by its cycle's end if it goes on as so far. A guess, and never a bill. */
export interface Forecast {
  /** In the meter's unit, rounded up. */
  readonly used: number;
  /** Beyond what is included. */
  readonly overage: number;
  /** Minor units of what is beyond, were there no cap. */
  readonly uncappedCents: number;
  /** As far as the cap lets it come. */
  readonly overageCents: number;
}

const DAY_MS = 86_400_000;

/** Earlier than a day into a cycle one morning's work would count for a month. */
export function forecastOf(meter: Schemas['Meter'], now: string): Forecast | null {
  const { startedAt, renewsAt, usedIncluded, overage, included } = meter;
  if (renewsAt === null) return null;
  const used = usedIncluded + overage;
  const whole = atPace(used, { startedAt, now, untilMs: Date.parse(renewsAt) - Date.parse(startedAt) });
  if (whole === null) return null;
  const beyond = Math.max(overage, whole - included, 0);
  return { used: Math.max(used, whole), overage: beyond, ...priceOf(meter, beyond) };
}

/** So much in so long a time at the pace since the start; null where that is less than a day ago, or nothing was used. */
export function atPace(
  used: number,
  { startedAt, now, untilMs }: { readonly startedAt: string; readonly now: string; readonly untilMs: number },
): number | null {
  const goneMs = Date.parse(now) - Date.parse(startedAt);
  if (goneMs < DAY_MS || used <= 0) return null;
  // Integers: use times milliseconds of a year soon pass 2^53.
  const [part, gone] = [BigInt(Math.ceil(used)) * BigInt(untilMs), BigInt(goneMs)];
  return Number((part + gone - 1n) / gone);
}

function priceOf(
  { rate, capCents, overageCents }: Schemas['Meter'],
  units: number,
): Pick<Forecast, 'uncappedCents' | 'overageCents'> {
  if (rate === null) return { uncappedCents: 0, overageCents: 0 };
  const per = BigInt(rate.per);
  // Half away from zero, like the bill (MON-2).
  const cost = Number((BigInt(rate.cents) * BigInt(units) * 2n + per) / (per * 2n));
  // What has accrued before a cap was lowered stays owed (CRE-8).
  const most = capCents === null ? cost : Math.max(capCents, overageCents);
  return { uncappedCents: cost, overageCents: Math.min(cost, most) };
}
