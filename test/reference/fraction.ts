/** An exact amount (MON-2, MON-3): minor units, never rounded before it becomes a line. */
export interface Fraction {
  readonly n: bigint;
  /** Above 0. */
  readonly d: bigint;
}

export const ZERO: Fraction = { n: 0n, d: 1n };

export function fraction(n: number | bigint, d: number | bigint = 1): Fraction {
  return { n: BigInt(n), d: BigInt(d) };
}

export function plus(a: Fraction, b: Fraction): Fraction {
  return { n: a.n * b.d + b.n * a.d, d: a.d * b.d };
}

export function minus(a: Fraction, b: Fraction): Fraction {
  return { n: a.n * b.d - b.n * a.d, d: a.d * b.d };
}

/** Negative, 0 or positive, as `a` is below, at or above `b`. */
export function compared(a: Fraction, b: Fraction): number {
  const difference = a.n * b.d - b.n * a.d;
  return difference < 0n ? -1 : Number(difference > 0n);
}

export function smaller(a: Fraction, b: Fraction): Fraction {
  return compared(a, b) <= 0 ? a : b;
}

export function larger(a: Fraction, b: Fraction): Fraction {
  return compared(a, b) >= 0 ? a : b;
}

/** MON-2: to the nearest multiple of a currency's step, once, half away from zero. */
export function rounded(value: Fraction, step: number): number {
  const unit = value.d * BigInt(step);
  const magnitude = value.n < 0n ? -value.n : value.n;
  const steps = (2n * magnitude + unit) / (2n * unit);
  const amount = Number(steps) * step;
  return value.n < 0n && amount !== 0 ? -amount : amount;
}

/** To the next multiple of the step below: for what must stay within a cap, and for credits (CRE-16). */
export function roundedDown(value: Fraction, step = 1): number {
  const unit = value.d * BigInt(step);
  const steps = value.n >= 0n ? value.n / unit : -((-value.n + unit - 1n) / unit);
  return Number(steps) * step;
}
