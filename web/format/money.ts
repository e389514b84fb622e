/** ISO 4217's currencies without two decimals. Intl's own numbers differ for some, like HUF. */
const DECIMALS: ReadonlyMap<string, number> = new Map([
  ...'bif clp djf gnf isk jpy kmf krw pyg rwf ugx uyi vnd vuv xaf xag xau xba xbb xbc xbd xdr xof xpd xpf xpt xsu xts xua xxx'
    .split(' ')
    .map((code) => [code, 0] as const),
  ...'bhd iqd jod kwd lyd omr tnd'.split(' ').map((code) => [code, 3] as const),
]);

/** How many decimals the minor unit of a currency stands for (MON-1). */
export function decimalsOf(currency: string): number {
  return DECIMALS.get(currency.toLowerCase()) ?? 2;
}

/** `$1,234.50`, `¥500`. The amount is an integer in the minor unit; no float is computed with, only shown. */
export function money(amountMinor: number, currency: string): string {
  const decimals = decimalsOf(currency);
  const format = new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency: currency.toUpperCase(),
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  // A decimal text instead of a quotient: exact for any safe integer.
  const digits = String(Math.abs(amountMinor)).padStart(decimals + 1, '0');
  const cut = digits.length - decimals;
  const text = `${amountMinor < 0 ? '-' : ''}${digits.slice(0, cut)}${decimals === 0 ? '' : `.${digits.slice(cut)}`}`;
  return format.format(text as Intl.StringNumericLiteral);
}

/** A unit price like `$0.012`, exact to six decimals: `cents` for every `per` units. */
export function unitPrice(rate: { readonly cents: number; readonly per: number }, currency: string): string {
  const format = new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency: currency.toUpperCase(),
    minimumFractionDigits: decimalsOf(currency),
    maximumFractionDigits: 6,
  });
  return format.format(rate.cents / rate.per / 10 ** decimalsOf(currency));
}

/** What a person typed as an amount, in minor units; null where it is none, or finer than the currency. */
export function parseMoney(text: string, currency: string): number | null {
  const decimals = decimalsOf(currency);
  const match = /^(\d{1,12})(?:\.(\d{0,3}))?$/.exec(text.trim().replaceAll(',', ''));
  if (match === null) return null;
  const [, whole = '0', fraction = ''] = match;
  if (fraction.length > decimals) return null;
  return Number(`${whole}${fraction.padEnd(decimals, '0')}`);
}

/** The amount as a person would type it: `12.50`. */
export function typedMoney(amountMinor: number, currency: string): string {
  const decimals = decimalsOf(currency);
  const digits = String(amountMinor).padStart(decimals + 1, '0');
  const cut = digits.length - decimals;
  return decimals === 0 ? digits : `${digits.slice(0, cut)}.${digits.slice(cut)}`;
}

/** How many whole units an amount pays for at a rate, rounded down; 0 where nothing is sold, or it is sold for nothing. */
export function unitsFor(amountMinor: number, rate: { readonly cents: number; readonly per: number } | null): number {
  if (rate === null || rate.cents === 0) return 0;
  return Number((BigInt(amountMinor) * BigInt(rate.per)) / BigInt(rate.cents));
}
