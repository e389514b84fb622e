const NUMBER = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });
const COMPACT = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });

/** `1,250` */
export function number(value: number): string {
  return NUMBER.format(value);
}

/** `1.3K`, for axes */
export function compact(value: number): string {
  return COMPACT.format(value);
}

/** `1,250 credits`, `1 minute`: a number never stands without its unit. */
export function quantity(value: number, unit: string): string {
  return `${number(value)} ${value === 1 ? unit : `${unit}s`}`;
}

/** A share as a whole percentage, never 100 before it is full. */
export function percent(part: number, whole: number): number {
  if (whole <= 0) return part > 0 ? 100 : 0;
  const share = (part / whole) * 100;
  return share >= 100 ? 100 : Math.min(99, Math.round(share));
}
