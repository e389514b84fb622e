import { Button, Group, Text } from '@mantine/core';
import { type ReactElement, type ReactNode, useState } from 'react';

import { words } from '../words/members.ts';
import { FindMembers, type Wanted } from './find-members.tsx';
import { canBeDisabled, isEnabled, matches, type Member, standingOf } from './member.ts';
import type { Act } from './member-menu.tsx';
import { MemberRows, type Selection } from './member-rows.tsx';

interface MemberListProps {
  readonly members: readonly Member[];
  readonly ownId: string | null;
  /** Absent for who may change nothing. */
  readonly admin?: {
    readonly menu: (member: Member) => ReactNode;
    readonly onAct: (act: Act) => void;
    readonly selected: ReadonlySet<string>;
    readonly onSelect: (selected: ReadonlySet<string>) => void;
  };
}

/** More rows than a person reads at once would only slow the page down. */
const ROWS_AT_ONCE = 50;

/** Members, found by name and state; for admins with what can be done to one, or to several. */
export function MemberList({ members, ownId, admin }: MemberListProps): ReactElement {
  const [wanted, setWanted] = useState<Wanted>({ search: '', standing: null });
  const [most, setMost] = useState(ROWS_AT_ONCE);
  const found = members.filter(
    (member) => matches(member, wanted.search) && (wanted.standing === null || standingOf(member) === wanted.standing),
  );
  const shown = found.slice(0, most);
  return (
    <>
      <FindMembers members={members} wanted={wanted} onChange={setWanted} />
      {admin !== undefined && (
        <Bulk
          chosen={members.filter(({ member }) => admin.selected.has(member))}
          onAct={admin.onAct}
          onClear={() => {
            admin.onSelect(new Set());
          }}
        />
      )}
      {found.length === 0 ? (
        <Text c="dimmed" role="status">
          {words.nobodyMatches}
        </Text>
      ) : (
        <MemberRows
          members={shown}
          ownId={ownId}
          {...(admin === undefined ? {} : { selection: selectionOf(shown, admin), actions: admin.menu })}
        />
      )}
      {found.length > most && (
        <Button
          variant="default"
          onClick={() => {
            setMost(most + ROWS_AT_ONCE);
          }}
        >
          {words.showMore(Math.min(ROWS_AT_ONCE, found.length - most))}
        </Button>
      )}
    </>
  );
}

function selectionOf(
  shown: readonly Member[],
  { selected, onSelect }: Pick<Required<MemberListProps>['admin'], 'selected' | 'onSelect'>,
): Selection {
  const ids = shown.map(({ member }) => member);
  const count = ids.filter((id) => selected.has(id)).length;
  return {
    isSelected: (id) => selected.has(id),
    onToggle: (id) => {
      onSelect(selected.has(id) ? new Set([...selected].filter((other) => other !== id)) : new Set([...selected, id]));
    },
    onToggleAll: () => {
      onSelect(count === ids.length ? new Set() : new Set(ids));
    },
    all: count === 0 ? 'none' : count === ids.length ? 'all' : 'some',
  };
}

interface BulkProps {
  readonly chosen: readonly Member[];
  readonly onAct: (act: Act) => void;
  readonly onClear: () => void;
}

function Bulk({ chosen, onAct, onClear }: BulkProps): ReactElement | null {
  if (chosen.length === 0) return null;
  const toEnable = chosen.filter((member) => !isEnabled(member));
  const toDisable = chosen.filter(canBeDisabled);
  return (
    <Group gap="sm" role="group" aria-label={words.selected(chosen.length)}>
      <Text size="sm" fw={600} role="status">
        {words.selected(chosen.length)}
      </Text>
      <Button
        size="xs"
        disabled={toEnable.length === 0}
        onClick={() => {
          onAct({ kind: 'enable', members: toEnable });
        }}
      >
        {words.enableCount(toEnable.length)}
      </Button>
      <Button
        size="xs"
        variant="default"
        disabled={toDisable.length === 0}
        onClick={() => {
          onAct({ kind: 'disable', members: toDisable });
        }}
      >
        {words.disableCount(toDisable.length)}
      </Button>
      <Button size="xs" variant="subtle" onClick={onClear}>
        {words.clear}
      </Button>
    </Group>
  );
}
