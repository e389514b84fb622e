import { Stack, Text } from '@mantine/core';
import { type ReactElement, useState } from 'react';

import { api, type Schemas } from '../api/client.ts';
import { useCommand } from '../api/use-command.ts';
import { ConfirmCost } from '../components/confirm-cost.tsx';
import { words } from '../words/members.ts';
import { SeatCount } from './seat-count.tsx';

interface AddSeatsProps {
  readonly account: Schemas['Account'];
  readonly seats: Schemas['Seats'];
  readonly onClose: () => void;
}

/** Larger counts are typing errors; whoever means them adds seats twice. */
const MOST_AT_ONCE = 500;

/** How many more, and what they cost: with the next invoice of a month, at once in a year (SBI-2, SBI-3). */
export function AddSeats({ account, seats, onClose }: AddSeatsProps): ReactElement {
  const [count, setCount] = useState(1);
  const { accountId: id } = account;
  const params = { path: { account: id } };
  const adding = useCommand(
    id,
    (body: { readonly count: number }, header) =>
      api.POST('/v1/accounts/{account}/seats', { params: { ...params, header }, body }),
    { onDone: onClose },
  );
  const takenBack = Math.min(count, seats.awaitingRemoval);
  return (
    <ConfirmCost
      onClose={onClose}
      account={id}
      currency={account.currency}
      title={words.add.title}
      ask={{ type: 'addSeats', count }}
      preview={() => api.POST('/v1/accounts/{account}/preview', { params, body: { type: 'addSeats', count } })}
      confirmLabel={words.add.confirm(count)}
      onConfirm={() => {
        adding.mutate({ count });
      }}
      isPending={adding.isPending}
      problem={adding.error}
    >
      <Stack gap="sm">
        <Text size="sm">{account.interval === 'year' ? words.add.year : words.add.month}</Text>
        <SeatCount
          label={words.add.count}
          description={takenBack > 0 ? words.add.takesBack(takenBack) : words.add.countHint}
          value={count}
          most={MOST_AT_ONCE}
          onChange={setCount}
        />
      </Stack>
    </ConfirmCost>
  );
}
