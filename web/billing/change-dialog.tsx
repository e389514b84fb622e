import { Radio, Stack } from '@mantine/core';
import { type ReactElement, useState } from 'react';

import { api } from '../api/client.ts';
import { useCommand } from '../api/use-command.ts';
import { Choice } from '../components/choice.tsx';
import { ConfirmCost } from '../components/confirm-cost.tsx';
import { words } from '../words/billing.ts';
import { type Change, changesOf } from './changes.ts';
import type { Account, Catalog } from './subscription-price.ts';

interface ChangeDialogProps {
  readonly onClose: () => void;
  readonly account: Account;
  readonly catalog: Catalog;
}

/** Another pack or interval: when it comes, and what it costs now and next (SBI-9, CRE-16). */
export function ChangeDialog({ onClose, account, catalog }: ChangeDialogProps): ReactElement | null {
  const changes = changesOf(account, catalog);
  const [chosen, setChosen] = useState<string | null>(null);
  const change = changes.find(({ id }) => id === chosen) ?? changes[0];
  const { accountId, currency } = account;
  const path = { account: accountId };
  const command = useCommand(
    accountId,
    (body: Change['body'], header) =>
      api.PATCH('/v1/accounts/{account}/subscription', { params: { path, header }, body }),
    { onDone: onClose },
  );
  if (change === undefined) return null;
  const ask = { type: 'changePlan' as const, ...change.body };
  return (
    <ConfirmCost
      {...{ onClose, account: accountId, currency, ask }}
      title={words.change.title}
      preview={() => api.POST('/v1/accounts/{account}/preview', { params: { path }, body: ask })}
      confirmLabel={words.change.confirm}
      onConfirm={() => {
        command.mutate(change.body);
      }}
      isPending={command.isPending}
      problem={command.error}
    >
      <Radio.Group
        label={words.change.choose}
        value={change.id}
        onChange={(id) => {
          command.reset();
          setChosen(id);
        }}
      >
        <Stack gap="xs" mt="xs">
          {changes.map(({ id, title, price, when }) => (
            <Choice key={id} value={id} title={title} aside={price} text={when} />
          ))}
        </Stack>
      </Radio.Group>
    </ConfirmCost>
  );
}
