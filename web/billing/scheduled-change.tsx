import { Alert, Button, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconCalendarEvent } from '@tabler/icons-react';
import type { ReactElement } from 'react';

import type { AccountView } from '../api/queries.ts';
import { day } from '../format/time.ts';
import { lazyDialog } from '../components/lazy-dialog.tsx';
import { words } from '../words/billing.ts';
import type { Account } from './subscription-price.ts';

const TakeBackDialog = lazyDialog(async () => (await import('./take-back-dialog.tsx')).TakeBackDialog);

/** What is to come instead of a renewal, or the subscription that the trial's end brings; until then it can be taken back. */
export function ScheduledChange({ account }: { readonly account: Account }): ReactElement | null {
  const [opened, { open, close }] = useDisclosure(false);
  const text = scheduledText(account);
  if (text === null) return null;
  return (
    <Alert color="blue" variant="outline" icon={<IconCalendarEvent aria-hidden />} title={words.scheduled.title}>
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{text}</Text>
        {account.contract === null && (
          <Button size="xs" variant="default" onClick={open}>
            {words.scheduled.takeBack}
          </Button>
        )}
      </Stack>
      {opened && <TakeBackDialog onClose={close} account={account} />}
    </Alert>
  );
}

/** In a sentence; null where nothing is scheduled. */
export function scheduledText(account: AccountView): string | null {
  const { scheduledChange, subscription, planTitle } = account;
  if (scheduledChange === null) return null;
  const on = day(scheduledChange.at);
  if (subscription === 'scheduled') return words.scheduled.begins(planTitle ?? '', on);
  if (scheduledChange.to === 'canceled') return words.scheduled.canceled(on);
  return words.scheduled.to(scheduledChange.to, on);
}
