import { SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { type ReactElement, useState } from 'react';

import { api } from '../api/client.ts';
import { useCommand } from '../api/use-command.ts';
import { ConfirmAct } from '../components/confirm-act.tsx';
import { words } from '../words/members.ts';

type Role = 'admin' | 'member';

interface InviteProps {
  readonly account: string;
  /** Whether they will need a seat when they come. */
  readonly isWithSeats: boolean;
  readonly onClose: () => void;
}

/** Somebody gets a role before they first come; they take no seat (SEA-2). */
export function Invite({ account, isWithSeats, onClose }: InviteProps): ReactElement {
  const [member, setMember] = useState('');
  const [login, setLogin] = useState('');
  const [role, setRole] = useState<Role>('member');
  const inviting = useCommand(
    account,
    (body: { readonly member: string; readonly login?: string; readonly role: Role }, header) =>
      api.POST('/v1/accounts/{account}/members', { params: { path: { account }, header }, body }),
    { onDone: onClose },
  );
  const name = login.trim();
  return (
    <ConfirmAct
      onClose={onClose}
      title={words.inviting.title}
      confirmLabel={words.inviting.confirm}
      onConfirm={() => {
        inviting.mutate({ member: member.trim(), role, ...(name === '' ? {} : { login: name }) });
      }}
      isPending={inviting.isPending}
      isReady={member.trim() !== ''}
      problem={inviting.error}
    >
      <Text size="sm">{isWithSeats ? words.inviting.text : words.inviting.textUnlimited}</Text>
      <TextInput
        label={words.inviting.id}
        description={words.inviting.idHint}
        value={member}
        onChange={(event) => {
          setMember(event.currentTarget.value);
        }}
        required
        maxLength={200}
        data-autofocus
      />
      <TextInput
        label={words.inviting.login}
        description={words.inviting.loginHint}
        value={login}
        onChange={(event) => {
          setLogin(event.currentTarget.value);
        }}
        maxLength={200}
      />
      <Stack gap={4}>
        <Text size="sm" fw={500} aria-hidden>
          {words.inviting.role}
        </Text>
        <SegmentedControl
          aria-label={words.inviting.role}
          value={role}
          onChange={setRole}
          data={[
            { value: 'member', label: words.role.member },
            { value: 'admin', label: words.role.admin },
          ]}
        />
      </Stack>
    </ConfirmAct>
  );
}
