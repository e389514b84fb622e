import { Checkbox, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';

import { api } from '../api/client.ts';
import { membersQuery } from '../api/queries.ts';
import { useCommand } from '../api/use-command.ts';
import { quantity } from '../format/quantity.ts';
import { day } from '../format/time.ts';
import { ConfirmCost } from '../components/confirm-cost.tsx';
import { words } from '../words/billing.ts';
import type { Account, Catalog, Plan } from './subscription-price.ts';

interface LeaveDialogProps {
  readonly onClose: () => void;
  readonly account: Account;
  readonly catalog: Catalog;
}

/** The end of paying: to the free plan where there is one, with who stays (SBI-10), else to nothing (CRE-19). */
export function LeaveDialog({ onClose, account, catalog }: LeaveDialogProps): ReactElement {
  const free = catalog.defaultPlan === null ? null : (catalog.plans[catalog.defaultPlan] ?? null);
  const [staying, setStaying] = useState<readonly string[]>([]);
  const { accountId, currency, cycle } = account;
  const path = { account: accountId };
  const keepMemberIds = [...staying];
  const ask =
    free === null
      ? { type: 'cancel' as const }
      : { type: 'changePlan' as const, plan: free.name, ...(staying.length === 0 ? {} : { keepMemberIds }) };
  const command = useCommand(
    accountId,
    (_: typeof ask, header) => {
      const params = { path, header };
      return ask.type === 'cancel'
        ? api.DELETE('/v1/accounts/{account}/subscription', { params })
        : api.PATCH('/v1/accounts/{account}/subscription', { params, body: withoutType(ask) });
    },
    { onDone: onClose },
  );
  const endsAt = cycle === null ? null : day(cycle.end);
  return (
    <ConfirmCost
      {...{ onClose, account: accountId, currency, ask }}
      title={free === null ? words.leave.cancelTitle : words.leave.freeTitle(free.title)}
      preview={() => api.POST('/v1/accounts/{account}/preview', { params: { path }, body: ask })}
      confirmLabel={free === null ? words.leave.cancelConfirm : words.leave.freeConfirm}
      onConfirm={() => {
        command.mutate(ask);
      }}
      isPending={command.isPending}
      problem={command.error}
    >
      <Text size="sm">
        {endsAt === null
          ? words.leave.cancelNow
          : free === null
            ? words.leave.cancelText(endsAt)
            : words.leave.freeText(endsAt)}
      </Text>
      {free !== null && <Stayers accountId={accountId} plan={free} staying={staying} onChange={setStaying} />}
    </ConfirmCost>
  );
}

function withoutType<Ask extends { readonly type: string }>({ type: _type, ...body }: Ask): Omit<Ask, 'type'> {
  return body;
}

interface StayersProps {
  readonly accountId: string;
  readonly plan: Plan;
  readonly staying: readonly string[];
  readonly onChange: (staying: readonly string[]) => void;
}

function Stayers({ accountId, plan, staying, onChange }: StayersProps): ReactElement | null {
  const { data } = useQuery(membersQuery(accountId));
  const enabled = (data ?? []).filter(({ state }) => state === 'enabled');
  const limit = plan.seats?.limit ?? null;
  if (limit === null || enabled.length <= limit) return null;
  return (
    <Checkbox.Group
      label={words.leave.stay(quantity(limit, 'member'))}
      description={words.leave.stayHelp}
      value={[...staying]}
      onChange={(chosen) => {
        if (chosen.length <= limit) onChange(chosen);
      }}
    >
      <Stack gap="xs" mt="xs">
        {enabled.map(({ member, login }) => (
          <Checkbox
            key={member}
            value={member}
            label={login}
            disabled={staying.length >= limit && !staying.includes(member)}
          />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}
