import { Badge, Checkbox, Group, Stack, Table, Text } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';

import { day, plainDay } from '../format/time.ts';
import { StackingTable } from '../components/stacking-table.tsx';
import { StatusBadge } from '../components/status-badge.tsx';
import { words } from '../words/members.ts';
import { type Member, standingOf } from './member.ts';

interface MemberRowsProps {
  readonly members: readonly Member[];
  /** Who looks. */
  readonly ownId: string | null;
  /** Absent where nothing can be done to anybody. */
  readonly selection?: Selection;
  readonly actions?: (member: Member) => ReactNode;
}

export interface Selection {
  readonly isSelected: (memberId: string) => boolean;
  readonly onToggle: (memberId: string) => void;
  readonly onToggleAll: () => void;
  readonly all: 'none' | 'some' | 'all';
}

/** Who is known, and what each of them is. */
export function MemberRows({ members, ownId, selection, actions }: MemberRowsProps): ReactElement {
  return (
    <StackingTable minWidth={actions === undefined ? 480 : 620}>
      <Table verticalSpacing="sm" aria-label={words.list}>
        <Table.Thead>
          <Table.Tr>
            {selection !== undefined && (
              <Table.Th w={44} data-label={words.selectAll}>
                <Checkbox
                  aria-label={words.selectAll}
                  checked={selection.all === 'all'}
                  indeterminate={selection.all === 'some'}
                  onChange={selection.onToggleAll}
                />
              </Table.Th>
            )}
            <Table.Th>{words.columns.member}</Table.Th>
            <Table.Th>{words.columns.role}</Table.Th>
            <Table.Th>{words.columns.state}</Table.Th>
            <Table.Th>{words.columns.lastUsed}</Table.Th>
            {actions !== undefined && (
              <Table.Th w={60} ta="right">
                {words.columns.actions}
              </Table.Th>
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {members.map((member) => (
            <Table.Tr key={member.member}>
              {selection !== undefined && (
                <Table.Td>
                  <Checkbox
                    aria-label={words.select(member.login)}
                    checked={selection.isSelected(member.member)}
                    onChange={() => {
                      selection.onToggle(member.member);
                    }}
                  />
                </Table.Td>
              )}
              <Table.Td>
                <Name member={member} isOwn={member.member === ownId} />
              </Table.Td>
              <Table.Td data-label={words.columns.role}>{words.role[member.role]}</Table.Td>
              <Table.Td data-label={words.columns.state}>
                <State member={member} />
              </Table.Td>
              <Table.Td data-label={words.columns.lastUsed}>{lastUse(member)}</Table.Td>
              {actions !== undefined && <Table.Td ta="right">{actions(member)}</Table.Td>}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </StackingTable>
  );
}

function Name({
  member: { member, login },
  isOwn,
}: {
  readonly member: Member;
  readonly isOwn: boolean;
}): ReactElement {
  return (
    <Stack gap={0}>
      <Group gap={6} wrap="nowrap">
        <Text size="sm" fw={600}>
          {login}
        </Text>
        {isOwn && (
          <Badge size="xs" variant="default" style={{ flexShrink: 0 }}>
            {words.you}
          </Badge>
        )}
      </Group>
      {login !== member && (
        <Text size="xs" c="dimmed">
          {member}
        </Text>
      )}
    </Stack>
  );
}

function State({ member }: { readonly member: Member }): ReactElement {
  const standing = standingOf(member);
  const more = detailOf(member);
  return (
    <Stack gap={2} align="flex-start">
      <StatusBadge status={standing === 'leaving' ? 'enabled' : standing} />
      {more !== null && (
        <Text size="xs" c="dimmed">
          {more}
        </Text>
      )}
    </Stack>
  );
}

function detailOf(member: Member): string | null {
  const { stateSince, seatEndsAt } = member;
  const standing = standingOf(member);
  if (standing === 'leaving' && seatEndsAt !== null) return words.seatEnds(day(seatEndsAt));
  if (standing === 'invited') return words.invited;
  if (stateSince === null || standing === 'enabled') return null;
  return standing === 'seat_removed' ? words.seatRemoved(day(stateSince)) : words.since(day(stateSince));
}

/** The day of the last use that was recorded; the API says it where it knows. */
function lastUse({ lastUsedOn }: Member): string {
  return lastUsedOn === null ? words.never : plainDay(lastUsedOn);
}
