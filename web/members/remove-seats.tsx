import { SegmentedControl, Select, Stack, Text } from '@mantine/core';
import { type ReactElement, useState } from 'react';

import { api, type Schemas } from '../api/client.ts';
import { useCommand } from '../api/use-command.ts';
import { day } from '../format/time.ts';
import { ConfirmCost } from '../components/confirm-cost.tsx';
import { words } from '../words/members.ts';
import { isEnabled, type Member } from './member.ts';
import { SeatCount } from './seat-count.tsx';
import { removableSeats } from './seat-figures.ts';

interface RemoveSeatsProps {
  readonly account: Schemas['Account'];
  readonly seats: Schemas['Seats'];
  readonly members: readonly Member[];
  /** Whose seat, when it was asked for on their row. */
  readonly memberId?: string;
  readonly onClose: () => void;
}

type Removal = { readonly count: number } | { readonly member: string };

/** Free seats by count or somebody's by name; they end with the cycle, and nothing is refunded (SBI-5, SBI-6). */
export function RemoveSeats(props: RemoveSeatsProps): ReactElement {
  const { account, seats, members, onClose } = props;
  const most = removableSeats(seats, members);
  const seated = members.filter((member) => isEnabled(member) && member.seatEndsAt === null);
  const [kind, setKind] = useState<'free' | 'taken'>(props.memberId === undefined && most > 0 ? 'free' : 'taken');
  const [count, setCount] = useState(1);
  const [memberId, setMemberId] = useState(props.memberId ?? seated[0]?.member ?? null);
  const { accountId: id } = account;
  const params = { path: { account: id } };
  const removing = useCommand(
    id,
    (query: Removal, header) => api.DELETE('/v1/accounts/{account}/seats', { params: { ...params, header, query } }),
    { onDone: onClose },
  );
  const removal: Removal = kind === 'free' ? { count } : { member: memberId ?? '' };
  return (
    <ConfirmCost
      onClose={onClose}
      account={id}
      currency={account.currency}
      title={words.remove.title}
      ask={{ type: 'removeSeats', ...removal }}
      preview={() => api.POST('/v1/accounts/{account}/preview', { params, body: { type: 'removeSeats', ...removal } })}
      confirmLabel={words.remove.confirm}
      onConfirm={() => {
        removing.mutate(removal);
      }}
      isPending={removing.isPending}
      problem={removing.error}
    >
      <Stack gap="sm">
        {account.cycle !== null && <Text size="sm">{words.remove.when(day(account.cycle.end))}</Text>}
        <SegmentedControl
          aria-label={words.remove.which}
          value={kind}
          onChange={setKind}
          data={[
            { value: 'free', label: words.remove.free, disabled: most === 0 },
            { value: 'taken', label: words.remove.taken },
          ]}
        />
        {kind === 'free' ? (
          <SeatCount
            label={words.remove.count}
            description={words.remove.countHint(most)}
            value={count}
            most={most}
            onChange={setCount}
          />
        ) : (
          <Select
            label={words.remove.member}
            description={words.remove.memberHint}
            placeholder={words.remove.pick}
            data={seated.map(({ member, login }) => ({ value: member, label: login }))}
            value={memberId}
            onChange={setMemberId}
            searchable
            allowDeselect={false}
          />
        )}
      </Stack>
    </ConfirmCost>
  );
}
