import { Group, Stack, Text } from '@mantine/core';
import type { ReactElement } from 'react';

import { Notice } from '../pieces/notice.tsx';
import { Panel } from '../pieces/panel.tsx';
import { StatusBadge } from '../pieces/status-badge.tsx';
import { useSession } from '../session/session.ts';
import { words } from '../words/members.ts';
import { isEnabled, type Member, standingOf } from './member.ts';
import { MemberList } from './member-list.tsx';

/** What a member sees: why they may, or may not, and whom to ask (SEA-17). */
export function OwnMembers({ members }: { readonly members: readonly Member[] }): ReactElement {
  const session = useSession();
  const ownId = session.kind === 'portal' ? session.memberId : null;
  return (
    <Stack gap="lg">
      <Own member={members.find(({ member }) => member === ownId) ?? null} members={members} />
      {members.length === 0 ? (
        <Notice title={words.nobody} text={words.nobodyWhy} />
      ) : (
        <Panel title={words.list}>
          <MemberList members={members} ownId={ownId} />
        </Panel>
      )}
    </Stack>
  );
}

function Own({
  member,
  members,
}: {
  readonly member: Member | null;
  readonly members: readonly Member[];
}): ReactElement {
  const standing = member === null ? null : standingOf(member);
  const admins = members.filter((each) => each.role === 'admin' && isEnabled(each)).map(({ login }) => login);
  const asksAdmins = standing !== 'enabled' && standing !== 'leaving' && admins.length > 0;
  return (
    <Panel title={words.own.title} actions={standing !== null && <StatusBadge status={standing} />}>
      <Group gap="xs">
        <Text>{words.own[standing === null ? 'unknown' : standing === 'leaving' ? 'enabled' : standing]}</Text>
        {asksAdmins && <Text c="dimmed">{words.own.admins(admins.join(', '))}</Text>}
      </Group>
    </Panel>
  );
}
