import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { upcomingQuery } from '../api/queries.ts';
import { money } from '../format/money.ts';
import { day } from '../format/time.ts';
import { words } from '../words/billing.ts';
import { owedOf, useInvoices } from './owed-invoices.ts';
import type { Account } from './subscription-price.ts';

/** The page's question, answered in a line: how much comes next, and when. */
export function NextCharge({ account }: { readonly account: Account }): ReactElement {
  const { data: upcoming } = useQuery(upcomingQuery(account.accountId));
  const { data: invoices } = useInvoices(account.accountId);
  const owedCents = owedOf(invoices ?? [], account.now).reduce((sum, { total }) => sum + total, 0);
  const owed = owedCents === 0 ? '' : `${words.answer.owed(money(owedCents, account.currency))} `;
  if (upcoming === undefined) return <>{words.loadingAnswer}</>;
  const nothing = account.phase === 'trialing' ? words.answer.trial : words.answer.nothing;
  if (upcoming === null) return <>{owed === '' ? nothing : owed}</>;
  return <>{owed + words.answer.next(money(upcoming.total, upcoming.currency), day(upcoming.issuedAt))}</>;
}
