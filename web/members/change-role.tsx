import { Text } from '@mantine/core';
import type { ReactElement } from 'react';

import { api } from '../api/client.ts';
import { useCommand } from '../api/use-command.ts';
import { ConfirmAct } from '../components/confirm-act.tsx';
import { words } from '../words/members.ts';
import type { Member } from './member.ts';

interface ChangeRoleProps {
  readonly account: string;
  readonly member: Member;
  readonly onClose: () => void;
}

/** SEA-17: who may change what costs, and see it. */
export function ChangeRole({ account, member, onClose }: ChangeRoleProps): ReactElement {
  const role = member.role === 'admin' ? 'member' : 'admin';
  const changing = useCommand(
    account,
    (body: { readonly role: 'admin' | 'member' }, header) =>
      api.PATCH('/v1/accounts/{account}/members/{member}', {
        params: { path: { account, member: member.member }, header },
        body,
      }),
    { onDone: onClose },
  );
  return (
    <ConfirmAct
      onClose={onClose}
      title={words.changingRole.title(member.login, words.changingRole[role])}
      confirmLabel={words.changingRole.confirm}
      onConfirm={() => {
        changing.mutate({ role });
      }}
      isPending={changing.isPending}
      problem={changing.error}
    >
      <Text size="sm">{role === 'admin' ? words.changingRole.toAdmin : words.changingRole.toMember}</Text>
    </ConfirmAct>
  );
}
