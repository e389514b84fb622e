import { Alert, Button, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconCalendarEvent } from '@tabler/icons-react';
import type { ReactElement } from 'react';

import { api } from '../api/client.ts';
import { useCommand } from '../api/use-command.ts';
import type { AccountView } from '../api/queries.ts';
import { day } from '../format/time.ts';
import { ConfirmCost } from '../pieces/confirm-cost.tsx';
import { words } from '../words/billing.ts';
import type { Account } from './subscription-price.ts';

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
      <TakeBackDialog opened={opened} onClose={close} account={account} />
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

interface TakeBackProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly account: Account;
}

/** What has not begun is dropped; what goes on, goes on (CRE-19). */
function TakeBackDialog({ opened, onClose, account }: TakeBackProps): ReactElement {
  const { accountId, currency, entity, scheduledChange } = account;
  const isDropped = account.subscription === 'scheduled';
  const path = { account: accountId };
  const ask = { type: isDropped ? ('cancel' as const) : ('resume' as const) };
  const command = useCommand(
    accountId,
    (_: typeof ask, header) =>
      isDropped
        ? api.DELETE('/v1/accounts/{account}/subscription', { params: { path, header } })
        : api.POST('/v1/accounts/{account}/subscription/resume', { params: { path, header } }),
    { onDone: onClose },
  );
  return (
    <ConfirmCost
      {...{ opened, account: accountId, currency, ask }}
      onClose={() => {
        command.reset();
        onClose();
      }}
      title={isDropped ? words.scheduled.dropTitle : words.scheduled.resumeTitle}
      preview={() => api.POST('/v1/accounts/{account}/preview', { params: { path }, body: ask })}
      confirmLabel={words.scheduled.takeBack}
      onConfirm={() => {
        command.mutate(ask);
      }}
      isPending={command.isPending}
      problem={command.error}
    >
      <Text size="sm">
        {isDropped
          ? words.scheduled.dropText(entity)
          : words.scheduled.resumeText(scheduledChange === null ? '' : day(scheduledChange.at))}
      </Text>
    </ConfirmCost>
  );
}
