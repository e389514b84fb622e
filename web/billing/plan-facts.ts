import { money } from '../format/money.ts';
import { quantity } from '../format/quantity.ts';
import { day, period } from '../format/time.ts';
import type { Fact } from '../components/fact-list.tsx';
import { words } from '../words/billing.ts';
import { meterWord } from '../words/meters.ts';
import { type Account, type Catalog, type Plan, planOf, pricesOf } from './subscription-price.ts';

/** What the plan costs and gives, and when it renews. */
export function planFacts(account: Account, catalog: Catalog): readonly Fact[] {
  const plan = planOf(account, catalog);
  const { cycle, interval, scheduledChange, seats } = account;
  const facts: Fact[] = [];
  if (plan !== null) facts.push({ name: words.plan.price, value: priceText(account, plan) });
  const included = Object.values(account.meters).filter((meter) => meter.included > 0);
  if (included.length > 0) {
    const what = included.map((meter) => words.plan.perMonth(quantity(meter.included, meter.unit)));
    const limit = seats === null ? (plan?.seats?.limit ?? null) : null;
    const who = limit === null ? [] : [words.plan.seatLimit(quantity(limit, 'member'))];
    facts.push({ name: words.plan.includes, value: [...what, ...who].join(', ') });
  }
  if (account.subscription !== null && interval !== null) {
    facts.push({ name: words.plan.billed, value: words.every[interval] });
  }
  if (cycle !== null) {
    facts.push({ name: words.plan.cycle, value: period(cycle) });
    if (scheduledChange === null) facts.push({ name: words.plan.renews, value: day(cycle.end) });
  }
  return facts;
}

function priceText(account: Account, plan: Plan): string {
  const { interval, currency, seats } = account;
  if (account.subscription === null || interval === null) return words.plan.free;
  const { base, seat } = pricesOf(account, plan);
  const per = words.interval[interval];
  const parts = [
    ...(base === null || (base === 0 && seat !== null) ? [] : [words.plan.perInterval(money(base, currency), per)]),
    ...(seat === null
      ? []
      : [words.plan.seatsPrice(quantity(seats?.quantity ?? 1, 'seat'), money(seat, currency), per)]),
  ];
  return parts.join(' + ');
}

/** What was agreed beside the catalog, in its own words (CAT-3). */
export function contractFacts({ contract }: Account): readonly Fact[] {
  if (contract === null) return [];
  const { invoiceDueDays, attributes } = contract;
  return [
    {
      name: words.plan.terms,
      value: invoiceDueDays === null ? words.plan.byCard : words.plan.dueDays(quantity(invoiceDueDays, 'day')),
    },
    ...Object.entries(attributes).map(([name, value]) => ({
      name: meterWord(name),
      value: typeof value === 'boolean' ? (value ? words.plan.yes : words.plan.no) : String(value),
    })),
  ];
}
