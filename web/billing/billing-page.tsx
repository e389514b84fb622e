import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { accountQuery, isWithAmounts } from '../api/queries.ts';
import { useAccountId } from '../app/account-links.tsx';
import { Loaded } from '../pieces/loaded.tsx';
import { PageHead } from '../pieces/page-head.tsx';
import { words } from '../words/billing.ts';
import { AdminBilling } from './admin-billing.tsx';
import { MemberBilling } from './member-billing.tsx';
import { NextCharge } from './next-charge.tsx';

/** What will I pay, and why? For admins with amounts and all that changes them, for members without. */
export function BillingPage(): ReactElement {
  const query = useQuery(accountQuery(useAccountId()));
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
