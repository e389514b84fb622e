import { Alert, Text } from '@mantine/core';
import { IconBan, IconCircleCheck, IconUserPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { membersQuery, ownMemberQuery } from '../api/queries.ts';
import { Loaded } from '../components/loaded.tsx';
import { useOwnId } from '../session/session.ts';
import { ownAccess } from './own-access.ts';

/** The first that a member reads, on every page that speaks of running: whether they may, and who can change it (SEA-9, SEA-17). */
export function OwnAccessBanner({ account }: { readonly account: Schemas['AccountForMembers'] }): ReactElement {
  const own = useQuery(ownMemberQuery(account.accountId, useOwnId()));
  const { data: members = [] } = useQuery(membersQuery(account.accountId));
  return (
    <Loaded query={own} rows={1}>
      {({ member }) => <Banner {...ownAccess({ account, own: member, members })} />}
    </Loaded>
  );
}

const LOOKS = {
  allowed: { color: 'evergreen', Sign: IconCircleCheck },
  blocked: { color: 'red', Sign: IconBan },
  'not joined': { color: 'gray', Sign: IconUserPlus },
} as const;

function Banner({ kind, title, reasons, ask }: ReturnType<typeof ownAccess>): ReactElement {
  const { color, Sign } = LOOKS[kind];
  return (
    <Alert
      {...{ color, title }}
      variant="outline"
      icon={<Sign aria-hidden />}
      role={kind === 'blocked' ? 'alert' : 'status'}
      data-testid="own-access"
    >
      {reasons.map((reason) => (
        <Text key={reason} size="sm">
          {reason}
        </Text>
      ))}
      {ask !== null && (
        <Text size="sm" fw={600}>
          {ask}
        </Text>
      )}
    </Alert>
  );
}
