/** An exact fraction in lowest terms with a positive denominator (MON-2, MON-3). */
export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** @throws RangeError for a denominator of 0 and for numbers that are not safe integers: no float becomes money (MON-1). */
export function rational(numerator: bigint | number, denominator: bigint | number = 1n): Rational {
  return reduced(exact(numerator), exact(denominator));
}

export function add(a: Rational, b: Rational): Rational {
  return reduced(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);
}

export function subtract(a: Rational, b: Rational): Rational {
  return add(a, negate(b));
}

export function multiply(a: Rational, b: Rational): Rational {
  return reduced(a.numerator * b.numerator, a.denominator * b.denominator);
}

export function negate(a: Rational): Rational {
  return { numerator: -a.numerator, denominator: a.denominator };
}

/** Negative, 0 or positive as `a` is less than, equal to or greater than `b`. */
export function compare(a: Rational, b: Rational): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

export function lesser(a: Rational, b: Rational): Rational {
  return compare(a, b) <= 0 ? a : b;
}

export function greater(a: Rational, b: Rational): Rational {
  return compare(a, b) >= 0 ? a : b;
}

/** The nearest integer; a half goes away from zero, so a charge and its reversal cancel out (MON-2). */
export function roundHalfAwayFromZero(a: Rational): number {
  const magnitude = a.numerator < 0n ? -a.numerator : a.numerator;
  // magnitude/denominator + 1/2, as one truncating division.
  const rounded = (2n * magnitude + a.denominator) / (2n * a.denominator);
  return safeInteger(a.numerator < 0n ? -rounded : rounded);
}

/** The greatest integer that is not greater, towards minus infinity. */
export function floor(a: Rational): number {
  return safeInteger(floored(a));
}

/** The least integer that is not less, towards plus infinity. */
export function ceil(a: Rational): number {
  return safeInteger(-floored(negate(a)));
}

function floored(a: Rational): bigint {
  const truncated = a.numerator / a.denominator;
  return a.numerator < 0n && truncated * a.denominator !== a.numerator ? truncated - 1n : truncated;
}

function reduced(numerator: bigint, denominator: bigint): Rational {
  if (denominator === 0n) throw new RangeError('A fraction cannot have the denominator 0.');
  const sign = denominator < 0n ? -1n : 1n;
  const divisor = sign * greatestCommonDivisor(numerator, denominator);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [larger, smaller] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}

function exact(value: bigint | number): bigint {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new RangeError(`${String(value)} is not a whole number that can be represented exactly.`);
  }
  return BigInt(value);
}

function safeInteger(value: bigint): number {
  const result = Number(value);
  if (!Number.isSafeInteger(result)) throw new RangeError(`${String(value)} is too large to be an amount.`);
  return result;
}
