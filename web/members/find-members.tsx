import { Group, NativeSelect, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import type { ReactElement } from 'react';

import { words } from '../words/members.ts';
import { statusWord } from '../words/status.ts';
import { type Member, type Standing, standingOf, STANDINGS } from './member.ts';

export interface Wanted {
  readonly search: string;
  readonly standing: Standing | null;
}

interface FindMembersProps {
  readonly members: readonly Member[];
  readonly wanted: Wanted;
  readonly onChange: (wanted: Wanted) => void;
}

/** By name and by state; states that nobody is in are not offered. */
export function FindMembers({ members, wanted, onChange }: FindMembersProps): ReactElement {
  const counts = new Map<Standing, number>();
  for (const member of members) counts.set(standingOf(member), (counts.get(standingOf(member)) ?? 0) + 1);
  const states = STANDINGS.filter((standing) => counts.has(standing)).map((standing) => ({
    value: standing,
    label: `${statusWord(standing)} (${String(counts.get(standing))})`,
  }));
  return (
    <Group gap="sm">
      <TextInput
        aria-label={words.search}
        placeholder={words.search}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={wanted.search}
        onChange={(event) => {
          onChange({ ...wanted, search: event.currentTarget.value });
        }}
        flex="1 1 200px"
      />
      <NativeSelect
        aria-label={words.filter}
        data={[{ value: '', label: `${words.all} (${String(members.length)})` }, ...states]}
        value={wanted.standing ?? ''}
        onChange={(event) => {
          const { value } = event.currentTarget;
          onChange({ ...wanted, standing: STANDINGS.find((standing) => standing === value) ?? null });
        }}
        flex="1 1 200px"
        maw={260}
      />
    </Group>
  );
}
