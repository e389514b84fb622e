import { Alert, Button, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBan, IconGauge } from '@tabler/icons-react';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { day } from '../format/time.ts';
import { lazyDialog } from '../components/lazy-dialog.tsx';
import { words } from '../words/billing.ts';
import { SubscribeButton } from './subscribe-button.tsx';
import type { Account, Catalog } from './subscription-price.ts';

const CapDialog = lazyDialog(async () => (await import('./cap-dialog.tsx')).CapDialog);

/** What has stopped, why, and the way out. What an unpaid invoice has stopped is said beside it. */
export function StoppedBanners({
  account,
  catalog,
}: {
  readonly account: Account;
  readonly catalog: Catalog;
}): ReactElement | null {
  const { refused, closedAt } = account;
  if (closedAt !== undefined) return null;
  if (refused !== null) {
    if (refused.code === 'payment_failed') return null;
    return (
      <Alert color="red" variant="outline" role="alert" icon={<IconBan aria-hidden />} title={words.blocked.title}>
        <Stack gap="sm" align="flex-start">
          <Text size="sm">{[refused.message, refused.solve].filter((each) => each !== null).join(' ')}</Text>
          {account.subscription === null && <SubscribeButton account={account} catalog={catalog} isProminent />}
        </Stack>
      </Alert>
    );
  }
  return (
    <>
      {Object.entries(account.meters)
        .filter(([, meter]) => meter.refused === 'spending_cap_reached')
        .map(([name, meter]) => (
          <CapReached key={name} name={name} meter={meter} account={account} />
        ))}
    </>
  );
}

function CapReached({
  name,
  meter,
  account,
}: {
  readonly name: string;
  readonly meter: Schemas['Meter'];
  readonly account: Account;
}): ReactElement {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <Alert color="red" variant="outline" role="alert" icon={<IconGauge aria-hidden />} title={words.capReached.title}>
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{words.capReached.text(meter.renewsAt === null ? '' : day(meter.renewsAt))}</Text>
        <Button size="xs" onClick={open}>
          {words.capReached.raise}
        </Button>
      </Stack>
      {opened && <CapDialog onClose={close} name={name} meter={meter} account={account} />}
    </Alert>
  );
}
