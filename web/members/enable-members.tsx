import { Text } from '@mantine/core';
import type { ReactElement } from 'react';

import { api, type Schemas } from '../api/client.ts';
import { useCommand } from '../api/use-command.ts';
import { ConfirmCost } from '../components/confirm-cost.tsx';
import { words } from '../words/members.ts';
import type { Member } from './member.ts';

interface EnableMembersProps {
  readonly account: Schemas['Account'];
  readonly members: readonly Member[];
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** All of them or none: free seats are taken, and what is missing is bought together (SEA-12). */
export function EnableMembers({ account, members, onDone, onClose }: EnableMembersProps): ReactElement {
  const { accountId: id } = account;
  const params = { path: { account: id } };
  const wanted = members.map(({ member }) => member);
  const enabling = useCommand(
    id,
    (body: { readonly members: string[] }, header) =>
      api.POST('/v1/accounts/{account}/members/enable', { params: { ...params, header }, body }),
    {
      onDone: () => {
        onDone();
        onClose();
      },
    },
  );
  return (
    <ConfirmCost
      onClose={onClose}
      account={id}
      currency={account.currency}
      title={words.enabling.title(members.length, members[0]?.login ?? '')}
      ask={{ type: 'enableMembers', wanted }}
      preview={() =>
        api.POST('/v1/accounts/{account}/preview', { params, body: { type: 'enableMembers', members: wanted } })
      }
      confirmLabel={words.enabling.confirm}
      onConfirm={() => {
        enabling.mutate({ members: wanted });
      }}
      isPending={enabling.isPending}
      problem={enabling.error}
    >
      <Text size="sm">{whatItTakes(account.seats, members.length)}</Text>
      {members.length > 1 && (
        <Text size="sm" c="dimmed">
          {members.map(({ login }) => login).join(', ')}
        </Text>
      )}
    </ConfirmCost>
  );
}

function whatItTakes(seats: Schemas['Seats'] | null, count: number): string {
  if (seats === null) return words.enabling.noSeats;
  const missing = Math.max(0, count - seats.free);
  if (missing === 0) return words.enabling.free(count);
  return missing === count ? words.enabling.missing(count) : words.enabling.some(count - missing, missing);
}
