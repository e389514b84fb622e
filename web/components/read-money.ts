import { words } from '../words/money.ts';
import { chargeStepOf, currencySign, decimalsOf, typedMoney } from '../format/money.ts';

/** What a text that was typed as an amount comes to: minor units, nothing yet, or a sentence that says how to write it. */
export type ReadMoney =
  | { readonly kind: 'amount'; readonly minor: number }
  | { readonly kind: 'empty' }
  | { readonly kind: 'refused'; readonly why: string };

interface Reading {
  readonly currency: string;
  /** Of the browser; what it writes decimals with decides what a comma means. */
  readonly locales?: readonly string[];
  /** Whether it is charged as it is, so that the currency's smallest charge applies. Caps and unit prices are not. */
  readonly isCharged?: boolean;
}

const MOST_WHOLE_DIGITS = 12;

/**
 * The only place where an amount that a person typed is read. Pages write amounts with a decimal point in every locale, so a point is read as
 * one wherever that is how the amount would be shown; a comma is read as one only where the browser's locale writes decimals with it. What
 * could be an amount and a thousand times that amount is refused, with both spellings: web/README.md has the table.
 */
export function readMoney(text: string, { currency, locales = browserLocales(), isCharged }: Reading): ReadMoney {
  const typed = plainDigits(text).trim();
  if (typed === '') return { kind: 'empty' };
  const bare = withoutSign(typed, currency);
  if (bare === null) return refused(words.otherCurrency(currency.toUpperCase()));
  const read = readNumeral(bare, { currency, hasComma: locales.some(writesComma) });
  return read.kind === 'amount' && isCharged === true ? chargeable(read.minor, currency) : read;
}

/** The amount, or null where there is none, or it is refused. */
export function amountIn(text: string, reading: Reading): number | null {
  const read = readMoney(text, reading);
  return read.kind === 'amount' ? read.minor : null;
}

/** All that somebody's browser asks for: who reads German, too, may mean a comma as Germans do. */
function browserLocales(): readonly string[] {
  const { navigator } = globalThis as { readonly navigator?: { readonly languages: readonly string[] } };
  return navigator?.languages ?? [];
}

function writesComma(locale: string): boolean {
  const parts = new Intl.NumberFormat(locale).formatToParts(1.5);
  return parts.some(({ type, value }) => type === 'decimal' && value === ',');
}

/** Digits and signs as East Asian keyboards write them: `５０．００`. */
function plainDigits(text: string): string {
  return text.replaceAll(/[！-～]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfe_e0));
}

/** Without the currency, as it stands in an amount that is copied from a page; null where it is another one. */
function withoutSign(text: string, currency: string): string | null {
  for (const sign of [currency.toUpperCase(), currencySign(currency)]) {
    if (text.toUpperCase().startsWith(sign)) return text.slice(sign.length).trim();
    if (text.toUpperCase().endsWith(sign)) return text.slice(0, -sign.length).trim();
  }
  return /\p{Sc}|^[a-z]{3}\s*\d|\d\s*[a-z]{3}$/iu.test(text) ? null : text;
}

interface Place {
  readonly currency: string;
  readonly hasComma: boolean;
}

/** Never part of a decimal sign: spaces, also those that do not break, and the Swiss apostrophe. */
const SPACES = /[\s\u00a0\u2009\u202f'’]/;
const GROUPED = /^[1-9]\d{0,2}(?:(?<sign>[\s\u00a0\u2009\u202f'’.,])\d{3})(?:\k<sign>\d{3})*$/;

function readNumeral(text: string, place: Place): ReadMoney {
  const example = words.example(typedMoney(125_000, place.currency));
  if (!/^\d[\d\s\u00a0\u2009\u202f'’.,]*$/.test(text)) return refused(example);
  const signs: readonly string[] = text.match(/[.,]/g) ?? [];
  if (signs.length === 0) return readWhole(text, '', place);
  const last = signs.at(-1) ?? '';
  const at = text.lastIndexOf(last);
  const [whole, fraction] = [text.slice(0, at), text.slice(at + 1)];
  if (SPACES.test(fraction)) return refused(words.grouping);
  if (signs.length === 1 && GROUPED.test(text)) return readEither(whole, fraction, { ...place, sign: last });
  // A sign that comes twice groups; one that comes after another is the decimal one.
  if (signs.length > 1 && signs.every((each) => each === last)) return readWhole(text, '', place);
  if (whole.includes(last)) return refused(example);
  return last === ',' ? readComma(whole, fraction, place) : readWhole(whole, fraction, place);
}

/** `1,250`: a group, or three decimals. */
function readEither(whole: string, fraction: string, place: Place & { readonly sign: string }): ReadMoney {
  const { currency, hasComma } = place;
  const decimals = decimalsOf(currency);
  const isPoint = place.sign === '.';
  if (isPoint && decimals === 3) return readWhole(whole, fraction, place);
  const group = readWhole(whole + fraction, '', place);
  if (group.kind !== 'amount') return group;
  const groupsHere = isPoint === hasComma;
  if (decimals === 0 && (groupsHere || !isPoint)) return group;
  if (decimals === 2 && groupsHere && !isPoint) return group;
  const large = typedMoney(group.minor, currency);
  if (decimals === 0) return refused(words.noDecimals(currency.toUpperCase(), large));
  const small = readWhole(whole, fraction.replace(/0+$/, ''), place);
  if (small.kind === 'amount') return refused(words.ambiguous([large, typedMoney(small.minor, currency)]));
  return groupsHere ? refused(words.write([large])) : small;
}

/** A comma that can only be the decimal sign: so it is read where it is one, and is told of elsewhere. */
function readComma(whole: string, fraction: string, place: Place): ReadMoney {
  const read = readWhole(whole, fraction, place);
  if (place.hasComma || read.kind !== 'amount') return read;
  const right = typedMoney(read.minor, place.currency);
  return refused(decimalsOf(place.currency) === 0 ? words.write([right]) : words.usePoint(right));
}

function readWhole(whole: string, fraction: string, { currency }: Place): ReadMoney {
  if (!/^\d+$/.test(whole) && !GROUPED.test(whole)) return refused(words.grouping);
  const decimals = decimalsOf(currency);
  const digits = whole.replaceAll(/\D/g, '');
  if (digits.replace(/^0+/, '').length > MOST_WHOLE_DIGITS) return refused(words.tooLarge);
  if (fraction.length > decimals) {
    const code = currency.toUpperCase();
    return refused(
      decimals === 0 ? words.noDecimals(code, digits) : words.tooFine(code, decimals, typedMoney(125_000, currency)),
    );
  }
  return { kind: 'amount', minor: Number(`${digits}${fraction.padEnd(decimals, '0')}`) };
}

function chargeable(minor: number, currency: string): ReadMoney {
  const step = chargeStepOf(currency);
  if (minor % step === 0) return { kind: 'amount', minor };
  const below = minor - (minor % step);
  const near = [below, below + step].filter((each) => each > 0).map((each) => typedMoney(each, currency));
  return refused(words.step(currency.toUpperCase(), typedMoney(step, currency), near));
}

function refused(why: string): ReadMoney {
  return { kind: 'refused', why };
}
