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

/** Stripe charges these in whole multiples of so many minor units (MON-6). */
const CHARGE_STEPS: ReadonlyMap<string, number> = new Map([
  ...'bhd jod kwd omr tnd'.split(' ').map((code) => [code, 10] as const),
  ['mga', 100],
]);

/** What every amount that is charged is a whole multiple of, in minor units: 1 nearly everywhere. */
export function chargeStepOf(currency: string): number {
  return CHARGE_STEPS.get(currency.toLowerCase()) ?? 1;
}

/** `$1,234.50`, `¥500`. The amount is an integer in the minor unit; no float is computed with, only shown. */
export function money(amountMinor: number, currency: string): string {
  const text = `${amountMinor < 0 ? '-' : ''}${typedMoney(Math.abs(amountMinor), currency)}`;
  return formatOf(currency, decimalsOf(currency)).format(text as Intl.StringNumericLiteral);
}

/** What stands for the currency in an amount: `$`, `KWD`. */
export function currencySign(currency: string): string {
  const parts = formatOf(currency, 0).formatToParts(0);
  return parts.find(({ type }) => type === 'currency')?.value ?? currency.toUpperCase();
}

/** A unit price like `$0.012`, exact to six decimals: `cents` for every `per` units. */
export function unitPrice(rate: { readonly cents: number; readonly per: number }, currency: string): string {
  return formatOf(currency, 6).format(rate.cents / rate.per / 10 ** decimalsOf(currency));
}

function formatOf(currency: string, mostDecimals: number): Intl.NumberFormat {
  return new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency: currency.toUpperCase(),
    minimumFractionDigits: Math.min(decimalsOf(currency), mostDecimals),
    maximumFractionDigits: mostDecimals,
  });
}

/** The amount as a person would type it: `12.50`. A decimal text instead of a quotient: exact for any safe integer. */
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
