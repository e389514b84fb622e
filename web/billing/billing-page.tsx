import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { accountQuery, catalogQuery, invoicesQuery, isWithAmounts, upcomingQuery } from '../api/queries.ts';
import { useAccountId } from '../components/account-links.tsx';
import { Loaded } from '../components/loaded.tsx';
import { PageHead } from '../components/page-head.tsx';
import { useMaySeeAmounts } from '../session/session.ts';
import { words } from '../words/billing.ts';
import { AdminBilling } from './admin-billing.tsx';
import { MemberBilling } from './member-billing.tsx';
import { NextCharge } from './next-charge.tsx';

/** What will I pay, and why? For admins with amounts and all that changes them, for members without. */
export function BillingPage(): ReactElement {
  const id = useAccountId();
  useAhead(id);
  const query = useQuery(accountQuery(id));
  const account = query.data;
  const isAdmin = account !== undefined && isWithAmounts(account);
  return (
    <>
      <PageHead title={words.title} {...(isAdmin ? { hint: <NextCharge account={account} /> } : {})} />
      <Loaded query={query} rows={9}>
        {(view) => (isWithAmounts(view) ? <AdminBilling account={view} /> : <MemberBilling account={view} />)}
      </Loaded>
    </>
  );
}

/** What the panels ask for, asked for beside the account: one after the other would take as many round trips. Of members, nothing (SEA-17). */
function useAhead(account: string): void {
  const enabled = useMaySeeAmounts();
  useQuery({ ...catalogQuery(account), enabled });
  useQuery({ ...upcomingQuery(account), enabled });
  useQuery({ ...invoicesQuery(account), enabled });
}
