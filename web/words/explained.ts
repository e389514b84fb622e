import { INPUT_NAMES } from './explanations.ts';
import { money } from '../format/money.ts';
import { number } from '../format/quantity.ts';

/** Inputs that are amounts, beside those whose name ends so. */
const AMOUNTS: ReadonlySet<string> = new Set([
  ...['budget', 'cost', 'owed', 'billed', 'total', 'minimumCharge', 'credited'],
]);
const MINOR = 'Cents';

/** `remainingSeconds` as `Remaining seconds`. */
export function spaced(name: string): string {
  const text = name.replaceAll(/([A-Z])/g, ' $1').toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What an amount was computed from (MON-5), as it is read: `priceCents: 24000` as `Price: $240.00`. Instants stay exact, to the second. */
export function explained(
  name: string,
  value: string | number,
  currency: string,
): { readonly name: string; readonly value: string } {
  const isMinor = name.endsWith(MINOR);
  const shownName = INPUT_NAMES[name] ?? spaced(isMinor ? name.slice(0, -MINOR.length) : name);
  if (typeof value === 'string') return { name: shownName, value };
  const isAmount = isMinor || AMOUNTS.has(name);
  return {
    name: shownName,
    value: isAmount ? money(value, currency) : number(value),
  };
}
