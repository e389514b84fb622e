import { Table, Text } from '@mantine/core';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { moment } from '../format/time.ts';
import { Panel } from '../components/panel.tsx';
import { words } from '../words/account-overview.ts';

/** What the workflow waits for. */
export function DuesPanel({ next }: { readonly next: Schemas['Account']['next'] }): ReactElement {
  return (
    <Panel title={words.dues} hint={words.duesHint}>
      {next.length === 0 ? (
        <Text>{words.noDues}</Text>
      ) : (
        <Table.ScrollContainer minWidth={280}>
          <Table verticalSpacing="xs" aria-label={words.dues}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{words.at}</Table.Th>
                <Table.Th>{words.what}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {next.map(({ at, what }) => (
                <Table.Tr key={`${at} ${what}`}>
                  <Table.Td className="figures">{moment(at)}</Table.Td>
                  <Table.Td>{what}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Panel>
  );
}
