import { useState } from 'react';

import type { paths } from '../../sdk/generated/openapi.ts';
import { typedMoney } from '../format/money.ts';
import { amountIn } from '../components/read-money.ts';
import {
  type Account,
  type Catalog,
  type Interval,
  intervalsOf,
  type Plan,
  plansForSale,
} from './subscription-price.ts';

export type SubscribeBody =
  paths['/v1/accounts/{account}/subscription']['post']['requestBody']['content']['application/json'];

/** What is chosen of a plan that is sold, and how it would be asked for. */
export interface SubscribeChoice {
  readonly plan: Plan;
  readonly pack: string | null;
  readonly interval: Interval;
  readonly seats: number | null;
  /** As typed; null where the plan has no cap. */
  readonly cap: string | null;
  readonly startNow: boolean;
  /** Null while something that was typed makes no sense. */
  readonly body: SubscribeBody | null;
}

type Changes = Partial<{
  plan: string;
  pack: string;
  interval: Interval;
  seats: number;
  cap: string;
  startNow: boolean;
}>;

/** Begins with what is sold first, and the catalog's cap; a choice that another one has made impossible is replaced. */
export function useSubscribeChoice(
  account: Account,
  catalog: Catalog,
  enabledMembers: number,
): readonly [SubscribeChoice, (changes: Changes) => void] {
  const [chosen, setChosen] = useState<Changes>({});
  const sold = plansForSale(catalog);
  const [, plan] = sold.find(([name]) => name === chosen.plan) ?? sold[0] ?? [];
  if (plan === undefined) throw new Error(`${catalog.name} sells nothing`);
  const packs = Object.keys(plan.packs ?? {});
  const pack = packs.find((name) => name === chosen.pack) ?? packs[0] ?? null;
  const intervals = intervalsOf(plan, pack);
  const interval = intervals.find((each) => each === chosen.interval) ?? intervals[0] ?? 'month';
  const terms = Object.values(plan.caps)[0];
  const cap = terms === undefined ? null : (chosen.cap ?? typedMoney(terms.defaultCents ?? 0, account.currency));
  const seats = plan.seats === null ? null : (chosen.seats ?? Math.max(1, enabledMembers));
  const startNow = account.phase === 'trialing' && chosen.startNow === true;
  const choice = { plan, pack, interval, seats, cap, startNow };
  return [
    { ...choice, body: bodyOf(choice, account.currency) },
    (changes) => {
      setChosen({ ...chosen, ...changes });
    },
  ];
}

function bodyOf(choice: Omit<SubscribeChoice, 'body'>, currency: string): SubscribeBody | null {
  const { plan, pack, interval, seats, cap, startNow } = choice;
  const capCents = cap === null ? null : amountIn(cap, { currency });
  if (cap !== null && capCents === null) return null;
  if (seats !== null && !(Number.isSafeInteger(seats) && seats > 0)) return null;
  return {
    plan: plan.name,
    interval,
    ...(pack === null ? {} : { pack }),
    ...(seats === null ? {} : { seats }),
    ...(capCents === null ? {} : { capCents }),
    ...(startNow ? { startNow } : {}),
  };
}
