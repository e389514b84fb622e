import { Button, Center, Code, Group, Stack, Table, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import { answered, api, type Schemas } from '../api/client.ts';
import { accountKey } from '../api/queries.ts';
import { moment } from '../format/time.ts';
import { Loaded } from '../pieces/loaded.tsx';
import { Panel } from '../pieces/panel.tsx';
import { words } from '../words/account-overview.ts';

const ROWS = 10;

/** What an account was told to do, and what it answered. */
export function CommandList({ account }: { readonly account: string }): ReactElement {
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
      <Loaded query={query}>
        {({ pages }) => {
          const commands = pages.flatMap(({ items }) => items);
          if (commands.length === 0) return <Text>{words.noCommands}</Text>;
          return (
            <Stack>
              <Commands commands={commands} />
              {query.hasNextPage && (
                <Center>
                  <Button
                    variant="default"
                    loading={query.isFetchingNextPage}
                    onClick={() => void query.fetchNextPage()}
                  >
                    {words.more}
                  </Button>
                </Center>
              )}
            </Stack>
          );
        }}
      </Loaded>
    </Panel>
  );
}

function Commands({ commands }: { readonly commands: readonly Schemas['AnsweredCommand'][] }): ReactElement {
  return (
    <Table.ScrollContainer minWidth={640}>
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
              <Table.Td>
                {refusal === null ? <Answer result={result} /> : <Text size="sm">{refusal.message}</Text>}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Answer({ result }: { readonly result: Schemas['AnsweredCommand']['result'] }): ReactElement {
  const told = Object.entries(result ?? {});
  return (
    <Group gap={6}>
      <Text size="sm">{words.applied}</Text>
      {told.length > 0 && (
        <Code style={{ overflowWrap: 'anywhere' }}>
          {told
            .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
            .join(', ')}
        </Code>
      )}
    </Group>
  );
}

/** `addSeats` as `Add seats`. */
function spaced(type: string): string {
  const text = type.replaceAll(/([A-Z])/g, ' $1').toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}
