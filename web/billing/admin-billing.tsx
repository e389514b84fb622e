import { Grid, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { catalogQuery } from '../api/queries.ts';
import { Loaded } from '../components/loaded.tsx';
import { ClosedBanner } from './closed-banner.tsx';
import { ContactsPanel } from './contacts-panel.tsx';
import { MeterPanel } from './meter-panel.tsx';
import { OwedBanners } from './owed-banners.tsx';
import { PaymentPanel } from './payment-panel.tsx';
import { PlanPanel } from './plan-panel.tsx';
import { SeatsPanel } from './seats-panel.tsx';
import { StoppedBanners } from './stopped-banners.tsx';
import type { Account, Catalog } from './subscription-price.ts';
import { TrialPanel } from './trial-panel.tsx';
import { UpcomingPanel } from './upcoming-panel.tsx';

/** Everything about the bill, and all that changes it. */
export function AdminBilling({ account }: { readonly account: Account }): ReactElement {
  const catalog = useQuery(catalogQuery(account.accountId));
  return (
    <Loaded query={catalog} rows={9}>
      {(sold) => <Panels account={account} catalog={sold} />}
    </Loaded>
  );
}

function Panels({ account, catalog }: { readonly account: Account; readonly catalog: Catalog }): ReactElement {
  const isTrialing = account.phase === 'trialing';
  const meters = isTrialing ? [] : Object.entries(account.meters);
  return (
    <Stack gap="lg">
      <ClosedBanner account={account} />
      <OwedBanners account={account} />
      <StoppedBanners account={account} catalog={catalog} />
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack gap="lg">
            {isTrialing && <TrialPanel account={account} catalog={catalog} />}
            {(!isTrialing || account.subscription !== null) && <PlanPanel account={account} catalog={catalog} />}
            {meters.map(([name, meter]) => (
              <MeterPanel key={name} name={name} meter={meter} account={account} />
            ))}
            {account.seats !== null && <SeatsPanel seats={account.seats} />}
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack gap="lg">
            <UpcomingPanel account={account} />
            <PaymentPanel account={account} />
            <ContactsPanel account={account} />
          </Stack>
        </Grid.Col>
      </Grid>
    </Stack>
  );
}
