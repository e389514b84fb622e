const FORMAT = new Intl.NumberFormat('en-US');

/** A count for people, in English notation: `20,000`. */
export function formatCount(count: number): string {
  return FORMAT.format(count);
}

/** A count of something for people: `1 seat`, `3,800 credits`. */
export function countOf(count: number, unit: string): string {
  return `${formatCount(count)} ${unit}${count === 1 ? '' : 's'}`;
}
