import { Button, Center, Group, Stack, Table, Text } from '@mantine/core';
import { type ReactElement, useState } from 'react';

import type { Schemas } from '../api/client.ts';
import { AccountLink } from '../components/account-links.tsx';
import { day, period } from '../format/time.ts';
import { Amount } from '../components/amount.tsx';
import { StackingTable } from '../components/stacking-table.tsx';
import { StatusBadge } from '../components/status-badge.tsx';
import { words } from '../words/invoices.ts';
import { PayInvoice } from './pay-invoice.tsx';
import { PdfButton } from './pdf-button.tsx';

type Invoice = Schemas['Invoice'];

const ROWS = 24;

/** Invoices, newest first. */
export function InvoiceTable({ invoices }: { readonly invoices: readonly Invoice[] }): ReactElement {
  const [rows, setRows] = useState(ROWS);
  const hidden = invoices.length - rows;
  return (
    <Stack>
      <StackingTable minWidth={720}>
        <Table verticalSpacing="sm" aria-label={words.past}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{words.number}</Table.Th>
              <Table.Th>{words.issued}</Table.Th>
              <Table.Th>{words.period}</Table.Th>
              <Table.Th ta="right">{words.amount}</Table.Th>
              <Table.Th>{words.status}</Table.Th>
              <Table.Th ta="right">{words.actions}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {invoices.slice(0, rows).map((invoice) => (
              <Row key={invoice.number ?? `draft ${invoice.issuedAt} ${invoice.purpose}`} invoice={invoice} />
            ))}
          </Table.Tbody>
        </Table>
      </StackingTable>
      {hidden > 0 && (
        <Center>
          <Button
            variant="default"
            onClick={() => {
              setRows(rows + ROWS);
            }}
          >
            {words.more(Math.min(hidden, ROWS))}
          </Button>
        </Center>
      )}
    </Stack>
  );
}

function Row({ invoice }: { readonly invoice: Invoice }): ReactElement {
  const { number, issuedAt, periodStart, periodEnd, currency, total, status } = invoice;
  return (
    <Table.Tr>
      <Table.Td>
        {number === null ? (
          <Text size="sm" c="dimmed">
            {words.draft}
          </Text>
        ) : (
          <AccountLink page={`invoices/${encodeURIComponent(number)}`} size="sm" fw={600}>
            {number}
          </AccountLink>
        )}
      </Table.Td>
      <Table.Td className="figures" data-label={words.issued}>
        {day(issuedAt)}
      </Table.Td>
      <Table.Td data-label={words.period}>{period({ start: periodStart, end: periodEnd })}</Table.Td>
      <Table.Td ta="right" data-label={words.amount}>
        <Amount minor={total} currency={currency} fw={600} size="sm" />
      </Table.Td>
      <Table.Td data-label={words.status}>
        <StatusBadge status={status} />
      </Table.Td>
      <Table.Td>
        {number !== null && (
          <Group gap="xs" justify="flex-end" wrap="nowrap">
            <PayInvoice invoice={invoice} isSmall />
            <PdfButton number={number} isSmall />
          </Group>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
