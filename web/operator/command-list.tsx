import { Stack, Table, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { auditFields } from '../activity/audit-fields.ts';
import { answered, api, type Schemas } from '../api/client.ts';
import { accountKey } from '../api/queries.ts';
import { spaced } from '../words/explained.ts';
import { moment } from '../format/time.ts';
import { Panel } from '../components/panel.tsx';
import { ShowOlder } from '../components/show-older.tsx';
import { StackingTable } from '../components/stacking-table.tsx';
import { words } from '../words/account-overview.ts';

const ROWS = 10;

/** What an account was told to do, and what it answered. */
export function CommandList({
  account,
  currency,
}: {
  readonly account: string;
  readonly currency: string | null;
}): ReactElement {
  const query = useInfiniteQuery({
    queryKey: [...accountKey(account), 'commands'],
    queryFn: ({ pageParam: cursor }: { pageParam: string | undefined }) =>
      answered(
        api.GET('/v1/accounts/{account}/commands', {
          params: { path: { account }, query: { limit: ROWS, ...(cursor === undefined ? {} : { cursor }) } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
  return (
    <Panel title={words.commands} hint={words.commandsHint}>
      <ShowOlder
        query={query}
        itemsOf={({ items }) => items}
        label={words.more}
        empty={<Text>{words.noCommands}</Text>}
      >
        {(commands) => <Commands commands={commands} currency={currency} />}
      </ShowOlder>
    </Panel>
  );
}

interface CommandsProps {
  readonly commands: readonly Schemas['AnsweredCommand'][];
  readonly currency: string | null;
}

function Commands({ commands, currency }: CommandsProps): ReactElement {
  return (
    <StackingTable minWidth={640}>
      <Table verticalSpacing="xs" aria-label={words.commands}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.at}</Table.Th>
            <Table.Th>{words.command}</Table.Th>
            <Table.Th>{words.answer}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {commands.map(({ commandId, type, effectiveAt, result, refusal }) => (
            <Table.Tr key={commandId}>
              <Table.Td className="figures">{moment(effectiveAt)}</Table.Td>
              <Table.Td>
                <Stack gap={0}>
                  <Text size="sm" fw={600}>
                    {spaced(type)}
                  </Text>
                  <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                    {words.id}: {commandId}
                  </Text>
                </Stack>
              </Table.Td>
              <Table.Td data-label={words.answer}>
                <Text size="sm">{refusal === null ? answerOf(result, currency) : refusal.message}</Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </StackingTable>
  );
}

/** What a command left, named and written as in the audit. */
function answerOf(result: Schemas['AnsweredCommand']['result'], currency: string | null): string {
  const told = auditFields(null, result, currency).map(({ name, after }) => `${name}: ${after ?? '–'}`);
  return told.length === 0 ? words.applied : told.join('; ');
}
