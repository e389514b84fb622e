import { money } from '../format/money.ts';
import { quantity } from '../format/quantity.ts';
import { day } from '../format/time.ts';
import { words } from '../words/billing.ts';
import { type Account, type Catalog, type Interval, INTERVALS, type Plan, planOf } from './subscription-price.ts';

/** Other terms of the same plan, with what choosing them means. */
export interface Change {
  readonly id: string;
  readonly body: { readonly pack?: string; readonly interval?: Interval };
  readonly title: string;
  readonly price: string;
  readonly when: string;
}

/** The terms that an account could change to by itself: other packs, the other interval. */
export function changesOf(account: Account, catalog: Catalog): readonly Change[] {
  const plan = planOf(account, catalog);
  if (plan === null || account.interval === null || account.contract !== null) return [];
  return [...packChanges(account, plan, account.interval), ...intervalChanges(account, plan, account.interval)];
}

function packChanges(account: Account, plan: Plan, interval: Interval): readonly Change[] {
  const { pack: current, currency, cycle, subscription } = account;
  const packs = Object.entries(plan.packs ?? {});
  const currentPrice = packs.find(([name]) => name === current)?.[1].prices[interval] ?? 0;
  return packs.flatMap(([name, pack]) => {
    const price = pack.prices[interval];
    if (name === current || price === undefined) return [];
    const when =
      subscription === 'scheduled'
        ? words.change.atStart
        : price > currentPrice
          ? words.change.packUp
          : words.change.packDown(cycle === null ? '' : day(cycle.end));
    return [
      {
        id: `pack:${name}`,
        body: { pack: name },
        title: words.change.pack(name, includedOf(account, pack.included)),
        price: words.subscribe.packPrice(money(price, currency), words.interval[interval]),
        when,
      },
    ];
  });
}

function intervalChanges(account: Account, plan: Plan, current: Interval): readonly Change[] {
  const { currency, cycle, pack, subscription } = account;
  const prices = pack === null ? plan.seats?.prices : plan.packs?.[pack]?.prices;
  return INTERVALS.flatMap((interval) => {
    const price = prices?.[interval];
    if (interval === current || price === undefined) return [];
    const per = words.interval[interval];
    const scheduled =
      interval === 'year' ? words.change.toYear : words.change.toMonth(cycle === null ? '' : day(cycle.end));
    return [
      {
        id: `interval:${interval}`,
        body: { interval },
        title: interval === 'year' ? words.change.yearly : words.change.monthly,
        price:
          pack === null
            ? words.subscribe.perSeat(money(price, currency), per)
            : words.subscribe.packPrice(money(price, currency), per),
        when: subscription === 'scheduled' ? words.change.atStart : scheduled,
      },
    ];
  });
}

/** `2,500 credits`, of every meter that a pack fills. */
export function includedOf(account: Pick<Account, 'meters'>, included: Readonly<Record<string, number>>): string {
  return Object.entries(included)
    .map(([meter, count]) => quantity(count, account.meters[meter]?.unit ?? 'unit'))
    .join(', ');
}
