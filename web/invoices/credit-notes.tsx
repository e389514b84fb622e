import { Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { creditNotesQuery } from '../api/queries.ts';
import { useAccountId } from '../components/account-links.tsx';
import { moment } from '../format/time.ts';
import { Amount } from '../components/amount.tsx';
import { Panel } from '../components/panel.tsx';
import { StackingTable } from '../components/stacking-table.tsx';
import { StatusBadge } from '../components/status-badge.tsx';
import { words } from '../words/invoices.ts';

/** What was given back of an invoice (INV-7); nothing where nothing was. */
export function CreditNotes({ number }: { readonly number: string }): ReactElement | null {
  const { data } = useQuery(creditNotesQuery(useAccountId()));
  const notes = data?.filter((note) => note.invoice === number) ?? [];
  if (notes.length === 0) return null;
  return (
    <Panel title={words.creditNotes} hint={words.creditNotesHint}>
      <StackingTable minWidth={560}>
        <Table verticalSpacing="sm" aria-label={words.creditNotes}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{words.number}</Table.Th>
              <Table.Th>{words.reason}</Table.Th>
              <Table.Th>{words.to}</Table.Th>
              <Table.Th>{words.status}</Table.Th>
              <Table.Th ta="right">{words.amount}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {notes.map((note) => (
              <Row key={note.number} note={note} />
            ))}
          </Table.Tbody>
        </Table>
      </StackingTable>
    </Panel>
  );
}

function Row({ note }: { readonly note: Schemas['CreditNote'] }): ReactElement {
  return (
    <Table.Tr>
      <Table.Td>
        <Stack gap={0}>
          <Text size="sm" fw={600}>
            {note.number}
          </Text>
          <Text size="xs" c="dimmed">
            {moment(note.issuedAt)}
          </Text>
        </Stack>
      </Table.Td>
      <Table.Td data-label={words.reason}>{note.reason}</Table.Td>
      <Table.Td data-label={words.to}>{words.destination[note.destination]}</Table.Td>
      <Table.Td data-label={words.status}>
        <StatusBadge status={note.status} />
      </Table.Td>
      <Table.Td ta="right" data-label={words.amount}>
        <Amount minor={note.total} currency={note.currency} size="sm" />
      </Table.Td>
    </Table.Tr>
  );
}
