import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { accountQuery, type AccountView, isWithAmounts } from '../api/queries.ts';
import { useAccountId } from '../components/account-links.tsx';
import { OwnAccessBanner } from '../members/own-access-banner.tsx';
import { Loaded } from '../components/loaded.tsx';
import { Notice } from '../components/notice.tsx';
import { PageHead } from '../components/page-head.tsx';
import { useMaySeeAmounts } from '../session/session.ts';
import { words } from '../words/budgets.ts';
import { AlertsPanel } from './alerts-panel.tsx';
import { BudgetPanel } from './budget-panel.tsx';
import { MemberMeterPanel } from './member-meter-panel.tsx';

/** Metered use beside seats: what is included, what goes beyond, and the most that it may cost (BUD-1 to BUD-3). */
export function BudgetsPage(): ReactElement {
  const query = useQuery(accountQuery(useAccountId()));
  const seesAmounts = useMaySeeAmounts();
  return (
    <>
      <PageHead title={words.title} hint={seesAmounts ? words.hint : words.hintMember} />
      <Loaded query={query} rows={6}>
        {(account) => <Meters account={account} />}
      </Loaded>
    </>
  );
}

function Meters({ account }: { readonly account: AccountView }): ReactElement {
  if (Object.values(account.meters).every(({ isPool }) => isPool)) {
    return <Notice title={words.none} text={words.noneWhy} />;
  }
  return (
    <Stack gap="lg">
      {!isWithAmounts(account) && <OwnAccessBanner account={account} />}
      {isWithAmounts(account)
        ? Object.entries(account.meters)
            .filter(([, { isPool }]) => !isPool)
            .map(([name, meter]) => <BudgetPanel key={name} name={name} meter={meter} account={account} />)
        : Object.entries(account.meters)
            .filter(([, { isPool }]) => !isPool)
            .map(([name, meter]) => <MemberMeterPanel key={name} name={name} meter={meter} />)}
      <AlertsPanel account={account} />
    </Stack>
  );
}
