import type { InvoiceDocument } from '../../billing/model/document.ts';
import { formatAmount } from '../../billing/money/currency.ts';

type Explanation = InvoiceDocument['lines'][number]['explanation'];

/** The rule that a line follows, in words; the pages have the same sentences (`web/words/explanations.ts`). */
export const RULE_SENTENCES: Readonly<Record<string, string>> = {
  'INV-2': 'Packs are charged in advance for the whole cycle.',
  'CRE-18': 'The contract price is charged in advance for the whole term.',
  'SBI-1': 'Seats are charged in advance for the whole term.',
  'SBI-2': 'Seats added during a monthly term are charged for the rest of the month.',
  'SBI-3': 'Seats added during a yearly term are charged for the rest of the term.',
  'SBI-9': 'When a term ends early, the unused part of what was paid for it is credited.',
  'CRE-5': 'Overage is charged at the rate of the plan or pack.',
  'CRE-12': 'Usage that arrives late is charged at the terms of the cycle it belongs to.',
  'CRE-14': 'Reversed usage is credited at the price it was charged.',
  'CRE-16': 'A bigger pack starts right away, and the difference in price is charged for the rest of the cycle.',
  'BUD-1': 'Usage beyond what’s included is added up over the cycle, rounded up once and charged at the agreed price.',
  'BUD-2': 'Usage beyond the budget isn’t charged.',
  'INV-7': 'Credit notes issued to the balance are deducted from the next invoice.',
  'MON-6': 'Totals below the minimum charge are carried over to the next invoice, or written off if there is none.',
};

/** Sentences for lines that take back, restore or pay out what an earlier line credited; known by what they were computed from. */
export const CREDIT_SENTENCES: Readonly<Record<string, string>> = {
  givenBackCents: 'A credit is reversed if the charge it was for is never paid.',
  takenBackCents: 'A reversed credit is restored once the charge it was for is paid.',
  waitingCents: 'A credit balance that remains after a subscription ends is paid out.',
};

/** What inputs are called where their names, spaced, would not do. */
export const INPUT_NAMES: Readonly<Record<string, string>> = {
  alreadyGivenBackCents: 'Already credited or never paid',
  billedCents: 'Already billed',
  cycleSeconds: 'Seconds in the cycle',
  givenBackCents: 'Credited',
  leftCents: 'Left to credit',
  takenBackCents: 'Reversed credit',
  waitingCents: 'Credit balance',
};

/** Inputs that are amounts, beside those whose name ends so. */
const AMOUNTS: ReadonlySet<string> = new Set(['total', 'minimumCharge', 'credited']);
const NUMBER = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });

/** Why a line is what it is (MON-5): the rule, then the formula and what it was computed from. */
export function explanationInWords({ rule, formula, inputs }: Explanation, currency: string): string {
  const special = Object.keys(CREDIT_SENTENCES).find((name) => name in inputs);
  const sentence = (special === undefined ? RULE_SENTENCES[rule] : CREDIT_SENTENCES[special]) ?? '';
  const values = Object.entries(inputs).map(([name, value]) => `${nameOf(name)}: ${shown(name, value, currency)}`);
  const computed = `${formula}${values.length === 0 ? '' : ` (${values.join('; ')})`}`;
  return sentence === '' ? computed : `${sentence}\n${computed}`;
}

function nameOf(name: string): string {
  const words = INPUT_NAMES[name] ?? name.replace(/Cents$/, '').replaceAll(/([A-Z])/g, ' $1');
  return words.toLowerCase();
}

function shown(name: string, value: string | number, currency: string): string {
  if (typeof value === 'string') return value;
  return name.endsWith('Cents') || AMOUNTS.has(name) ? formatAmount(value, currency) : NUMBER.format(value);
}
