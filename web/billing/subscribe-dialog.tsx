import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { api } from '../api/client.ts';
import { membersQuery } from '../api/queries.ts';
import { useCommand } from '../api/use-command.ts';
import { ConfirmCost } from '../components/confirm-cost.tsx';
import { words } from '../words/billing.ts';
import { type SubscribeBody, useSubscribeChoice } from './subscribe-choice.ts';
import { IntervalField, PackField, PlanField, SeatsField, StartField, SubscribeCapField } from './subscribe-fields.tsx';
import type { Account, Catalog } from './subscription-price.ts';

interface SubscribeDialogProps {
  readonly onClose: () => void;
  readonly account: Account;
  readonly catalog: Catalog;
}

/** A plan, in all that can be chosen of it, with the exact charge now and next (TRI-4, TRI-5, SBI-10, CRE-7). */
export function SubscribeDialog({ onClose, account, catalog }: SubscribeDialogProps): ReactElement {
  const { accountId, currency } = account;
  const { data: members } = useQuery(membersQuery(accountId));
  const enabledMembers = (members ?? []).filter(({ state }) => state === 'enabled').length;
  const [choice, change] = useSubscribeChoice(account, catalog, enabledMembers);
  const path = { account: accountId };
  const { body } = choice;
  const command = useCommand(
    accountId,
    (wanted: SubscribeBody, header) =>
      api.POST('/v1/accounts/{account}/subscription', { params: { path, header }, body: wanted }),
    { onDone: onClose },
  );
  const onChange: typeof change = (changes) => {
    command.reset();
    change(changes);
  };
  const fields = { choice, onChange, account, catalog };
  const ask = { type: 'subscribe' as const, ...body };
  return (
    <ConfirmCost
      {...{ onClose, account: accountId, currency, ask }}
      title={words.subscribe.title}
      isAskable={body !== null && members !== undefined}
      preview={() =>
        api.POST('/v1/accounts/{account}/preview', {
          params: { path },
          body: { plan: choice.plan.name, ...ask },
        })
      }
      confirmLabel={words.subscribe.confirm}
      onConfirm={() => {
        if (body !== null) command.mutate(body);
      }}
      isPending={command.isPending}
      problem={command.error}
    >
      <Stack gap="md">
        <PlanField {...fields} />
        <PackField {...fields} />
        <IntervalField {...fields} />
        <SeatsField {...fields} enabledMembers={enabledMembers} />
        <SubscribeCapField {...fields} />
        <StartField {...fields} />
      </Stack>
    </ConfirmCost>
  );
}
