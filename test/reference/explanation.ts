import { secondOf } from './calendar.ts';
import { compared, type Fraction, fraction, rounded, roundedDown } from './fraction.ts';

/** A line as it explains itself (MON-5). */
interface ExplainedLine {
  readonly kind: string;
  readonly amount: number;
  readonly explanation: {
    readonly formula: string;
    readonly inputs: Readonly<Record<string, string | number>>;
  };
}

/** What a line's amount comes to by its own formula and inputs; null where the formula is none that is known. */
export function explainedAmount({ explanation: { formula, inputs } }: ExplainedLine): number | null {
  const input = (name: string): number => Number(inputs[name]);
  const step = inputs['roundedToCents'] === undefined ? 1 : input('roundedToCents');
  const priced = (): number => {
    const per = Object.keys(inputs).find((name) => name.endsWith('PerPrice')) ?? '';
    const exact = fraction(BigInt(input(per.replace('PerPrice', ''))) * BigInt(input('priceCents')), input(per));
    return inputs['capCents'] === undefined ? rounded(exact, step) : kept(exact, input('capCents'), step);
  };
  const prorated = (price: number): number => {
    const [from, start, end] = ['from', 'cycleStart', 'cycleEnd'].map((name) => secondOf(inputs[name] as never));
    if (input('remainingSeconds') !== end! - from! || input('cycleSeconds') !== end! - start!) return Number.NaN;
    return rounded(fraction(BigInt(price) * BigInt(end! - from!), end! - start!), step);
  };
  const seats = inputs['seats'] === undefined ? 1 : input('seats');
  if (/^price per (month|year)( × seats)?$/.test(formula)) return input('priceCents') * seats;
  if (/^\(price × \w+ ÷ \w+ per price.*\) − already billed/.test(formula)) {
    const cost = 'costCents' in inputs ? input('costCents') : input('owedCents');
    const already = 'alreadyGivenBackCents' in inputs ? input('alreadyGivenBackCents') : 0;
    return priced() === cost ? input('owedCents') - input('billedCents') + already : Number.NaN;
  }
  if (/^price × \w+ ÷ \w+ per price/.test(formula)) return priced();
  if (formula.startsWith('(new price − old price) × remaining seconds'))
    return prorated(input('newPriceCents') - input('oldPriceCents'));
  if (/^price × (seats × )?remaining seconds/.test(formula)) return prorated(input('priceCents') * seats);
  if (/^−\(price × (seats × )?remaining seconds/.test(formula)) {
    const unused = prorated(input('priceCents') * seats);
    return -('leftCents' in inputs ? Math.min(unused, input('leftCents')) : unused);
  }
  if (formula === '−(credit balance)') return -input('waitingCents');
  if (formula === 'amount credited − amount paid') return input('givenBackCents') - input('paidCents');
  if (formula === '−(reversed credit)') return -input('takenBackCents');
  if (formula === 'total below the minimum charge') return input('total');
  if (formula === '−total') return -input('total');
  if (formula === 'owed − cost') return input('owedCents') - input('costCents');
  if (formula === '−(sum of the credited lines)') return -input('credited');
  return null;
}

function kept(exact: Fraction, cap: number, step: number): number {
  const amount = rounded(exact, step);
  const isWithin = compared(exact, fraction(cap)) <= 0;
  return isWithin && amount > cap ? roundedDown(fraction(cap), step) : amount;
}
