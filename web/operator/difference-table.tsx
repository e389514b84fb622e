import { Code, Table, Text } from '@mantine/core';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { StackingTable } from '../components/stacking-table.tsx';
import { words } from '../words/reconciliation.ts';
import { AccountAnchor } from './account-table.tsx';

type Difference = Schemas['Difference'] & { readonly account?: string };

/** Where two places that should agree do not (AUD-3). */
export function DifferenceTable({ differences }: { readonly differences: readonly Difference[] }): ReactElement {
  const isOfMany = differences.some(({ account }) => account !== undefined);
  return (
    <StackingTable minWidth={720}>
      <Table verticalSpacing="sm" aria-label={words.differences}>
        <Table.Thead>
          <Table.Tr>
            {isOfMany && <Table.Th>{words.account}</Table.Th>}
            <Table.Th>{words.sentence}</Table.Th>
            <Table.Th ta="right">{words.expected}</Table.Th>
            <Table.Th ta="right">{words.actual}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {differences.map(({ account, kind, sentence, expected, found }, index) => (
            <Table.Tr key={index}>
              {isOfMany && <Table.Td>{account !== undefined && <AccountAnchor account={account} />}</Table.Td>}
              <Table.Td>
                <Text size="sm">{sentence}</Text>
                <Code>{kind}</Code>
              </Table.Td>
              <Table.Td ta="right" data-label={words.expected}>
                {expected ?? words.nothing}
              </Table.Td>
              <Table.Td ta="right" data-label={words.actual}>
                {found ?? words.nothing}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </StackingTable>
  );
}
