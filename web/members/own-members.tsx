import { Stack } from '@mantine/core';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { Notice } from '../components/notice.tsx';
import { Panel } from '../components/panel.tsx';
import { useOwnId } from '../session/session.ts';
import { words } from '../words/members.ts';
import type { Member } from './member.ts';
import { MemberList } from './member-list.tsx';
import { OwnAccessBanner } from './own-access-banner.tsx';

interface OwnMembersProps {
  readonly account: Schemas['AccountForMembers'];
  readonly members: readonly Member[];
}

/** What a member sees: why they may, or may not, and whom to ask (SEA-17). */
export function OwnMembers({ account, members }: OwnMembersProps): ReactElement {
  const ownId = useOwnId();
  return (
    <Stack gap="lg">
      <OwnAccessBanner account={account} />
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
