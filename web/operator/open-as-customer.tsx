import { Alert, Anchor, Button, Group, SegmentedControl, Select, Stack, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';

import { answered, api } from '../api/client.ts';
import { problemOf } from '../api/problem.ts';
import { membersQuery } from '../api/queries.ts';
import { useAccountId } from '../components/account-links.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Refused } from '../components/refused.tsx';
import { words } from '../words/account-overview.ts';
import { words as shell } from '../words/shell.ts';

type Role = 'admin' | 'member';

interface OpenAsCustomerProps {
  readonly owner: string;
  readonly onClose: () => void;
}

/** Opens the pages as one of the account's people sees them. */
export function OpenAsCustomer({ owner, onClose }: OpenAsCustomerProps): ReactElement {
  const account = useAccountId();
  const { data: members = [] } = useQuery(membersQuery(account));
  const [memberId, setMemberId] = useState(owner);
  const [role, setRole] = useState<Role>('admin');
  const session = useMutation({
    mutationFn: async (tab: Window | null) => {
      const body = { memberId, role, asSupport: true };
      const headers = { 'idempotency-key': crypto.randomUUID() };
      const made = await answered(
        api.POST('/v1/accounts/{account}/portal-sessions', { params: { path: { account } }, headers, body }),
      );
      const url = new URL(made.url, window.location.origin).href;
      if (tab !== null) tab.location.replace(url);
      return { url, isOpen: tab !== null };
    },
    onError: (_, tab) => tab?.close(),
    onSuccess: ({ isOpen }) => {
      if (isOpen) onClose();
    },
  });
  const others = members
    .filter(({ member }) => member !== owner)
    .map(({ member, login }) => ({ value: member, label: login }));
  return (
    <Dialog title={words.openAs.title} onClose={onClose} isPending={session.isPending}>
      <Stack>
        <Text size="sm">{words.openAs.what}</Text>
        <Select
          label={words.openAs.member}
          data={[{ value: owner, label: words.openAs.owner(owner) }, ...others]}
          value={memberId}
          onChange={(chosen) => {
            setMemberId(chosen ?? owner);
          }}
          allowDeselect={false}
          searchable
        />
        <RoleChoice role={role} onChange={setRole} />
        <Refused problem={session.isError ? problemOf(session.error) : null} />
        {session.data?.isOpen === false && <BlockedTab url={session.data.url} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {shell.cancel}
          </Button>
          <Button
            loading={session.isPending}
            onClick={() => {
              // Before anything is asked for: a tab that opens later than the click is kept from opening.
              session.mutate(unattachedTab());
            }}
          >
            {words.openAs.submit}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

/** An empty tab that cannot reach back to this one. */
function unattachedTab(): Window | null {
  const tab = window.open('about:blank', '_blank');
  if (tab !== null) tab.opener = null;
  return tab;
}

function RoleChoice({
  role,
  onChange,
}: {
  readonly role: Role;
  readonly onChange: (role: Role) => void;
}): ReactElement {
  return (
    <Stack gap={4}>
      <Text size="sm" fw={500} aria-hidden>
        {words.openAs.role}
      </Text>
      <SegmentedControl
        aria-label={words.openAs.role}
        data={[
          { value: 'admin', label: shell.role.admin },
          { value: 'member', label: shell.role.member },
        ]}
        value={role}
        onChange={(value) => {
          onChange(value);
        }}
      />
    </Stack>
  );
}

function BlockedTab({ url }: { readonly url: string }): ReactElement {
  return (
    <Alert
      color="yellow"
      role="status"
      title={words.openAs.blocked}
      styles={{ label: { color: 'var(--mantine-color-text)' } }}
    >
      <Anchor href={url} target="_blank" rel="noopener noreferrer">
        {words.openAs.link}
      </Anchor>
    </Alert>
  );
}
