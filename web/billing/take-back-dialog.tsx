import { Text } from '@mantine/core';
import type { ReactElement } from 'react';

import { api } from '../api/client.ts';
import { useCommand } from '../api/use-command.ts';
import { day } from '../format/time.ts';
import { ConfirmCost } from '../components/confirm-cost.tsx';
import { words } from '../words/billing.ts';
import type { Account } from './subscription-price.ts';

interface TakeBackProps {
  readonly onClose: () => void;
  readonly account: Account;
}

/** What has not begun is dropped; what goes on, goes on (CRE-19). */
export function TakeBackDialog({ onClose, account }: TakeBackProps): ReactElement {
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
      {...{ onClose, account: accountId, currency, ask }}
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
