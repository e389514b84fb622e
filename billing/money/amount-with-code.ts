import { formatAmount } from './currency.ts';

/** `$30.00 USD`, `KWD 46.630`: with the code of the currency, once. Half the world has a dollar. */
export function amountWithCode(amountMinor: number, currency: string): string {
  const amount = formatAmount(amountMinor, currency);
  const code = currency.toUpperCase();
  return amount.includes(code) ? amount : `${amount} ${code}`;
}
