import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { money } from '../format/money.ts';
import { words } from '../words/members.ts';
import { seatPrice } from './seat-figures.ts';

interface PriceEachProps {
  readonly account: Schemas['Account'];
  readonly catalog: Schemas['Catalog'];
}

/** What a seat more costs, in a sentence. */
export function PriceEach({ account, catalog }: PriceEachProps): ReactElement | null {
  const price = seatPrice(account, catalog);
  if (price === null || account.interval === null) return null;
  const each = `${money(price, account.currency)} ${words.seats.perInterval[account.interval]}`;
  return <>{words.allocation.price(each)}</>;
}
