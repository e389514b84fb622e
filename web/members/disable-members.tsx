import { Text } from '@mantine/core';
import type { ReactElement } from 'react';

import { api, type Schemas } from '../api/client.ts';
import { useCommand } from '../api/use-command.ts';
import { ConfirmAct } from '../components/confirm-act.tsx';
import { words } from '../words/members.ts';
import type { Member } from './member.ts';

interface DisableMembersProps {
  readonly account: Schemas['Account'];
  readonly members: readonly Member[];
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** Frees their seats at once, and changes no bill (SEA-13). One after the other: who is refused, like the last admin, keeps nobody else. */
export function DisableMembers({ account, members, onDone, onClose }: DisableMembersProps): ReactElement {
  const { accountId: id } = account;
  const disabling = useCommand(
    id,
    async (wanted: readonly [string, ...string[]], header) => {
      const disable = (member: string) =>
        api.PATCH('/v1/accounts/{account}/members/{member}', {
          params: {
            path: { account: id, member },
            header: { 'idempotency-key': `${header['idempotency-key']} ${String(wanted.indexOf(member))}` },
          },
          body: { state: 'disabled' },
        });
      const [first, ...rest] = wanted;
      let answer = await disable(first);
      for (const member of rest) {
        const next = await disable(member);
        if (answer.response.ok) answer = next;
      }
      return answer;
    },
    {
      onDone: () => {
        onDone();
        onClose();
      },
    },
  );
  return (
    <ConfirmAct
      onClose={onClose}
      title={words.disabling.title(members.length, members[0]?.login ?? '')}
      confirmLabel={words.disabling.confirm}
      onConfirm={() => {
        const [first, ...rest] = members.map(({ member }) => member);
        if (first !== undefined) disabling.mutate([first, ...rest]);
      }}
      isPending={disabling.isPending}
      problem={disabling.error}
      isSevere
    >
      <Text size="sm">{words.disabling.what}</Text>
      {account.seats !== null && <Text size="sm">{words.disabling.seat}</Text>}
      {members.length > 1 && (
        <Text size="sm" c="dimmed">
          {members.map(({ login }) => login).join(', ')}
        </Text>
      )}
    </ConfirmAct>
  );
}
