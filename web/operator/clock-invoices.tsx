import { Anchor, Table, Text } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';

import { invoicesQuery } from '../api/queries.ts';
import { day } from '../format/time.ts';
import { Amount } from '../components/amount.tsx';
import { Panel } from '../components/panel.tsx';
import { StackingTable } from '../components/stacking-table.tsx';
import { StatusBadge } from '../components/status-badge.tsx';
import { words as accounts } from '../words/accounts.ts';
import { words as invoiceWords } from '../words/invoices.ts';
import { words } from '../words/time-machine.ts';

const MOST_SHOWN = 60;

/** The invoices of all accounts on a clock, newest first. */
export function ClockInvoices({ accounts: ids }: { readonly accounts: readonly string[] }): ReactElement {
  const lists = useQueries({ queries: ids.map((account) => invoicesQuery(account)) });
  const invoices = ids
    .flatMap((account, index) => (lists[index]?.data ?? []).map((invoice) => ({ account, ...invoice })))
    .toSorted((a, b) => b.issuedAt.localeCompare(a.issuedAt))
    .slice(0, MOST_SHOWN);
  return (
    <Panel title={words.invoices} hint={words.invoicesHint}>
      {invoices.length === 0 ? (
        <Text>{words.noInvoices}</Text>
      ) : (
        <StackingTable minWidth={560}>
          <Table verticalSpacing="xs" aria-label={words.invoices}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{invoiceWords.issued}</Table.Th>
                <Table.Th>{accounts.account}</Table.Th>
                <Table.Th>{invoiceWords.number}</Table.Th>
                <Table.Th>{invoiceWords.status}</Table.Th>
                <Table.Th ta="right">{invoiceWords.amount}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {invoices.map(({ account, number, issuedAt, purpose, total, currency, status }) => (
                <Table.Tr key={`${account} ${number ?? `${purpose} ${issuedAt}`}`}>
                  <Table.Td className="figures" data-label={invoiceWords.issued}>
                    {day(issuedAt)}
                  </Table.Td>
                  <Table.Td data-label={accounts.account}>{account}</Table.Td>
                  <Table.Td data-label={invoiceWords.number}>
                    {number === null ? invoiceWords.draft : <InvoiceAnchor {...{ account, number }} />}
                  </Table.Td>
                  <Table.Td data-label={invoiceWords.status}>
                    <StatusBadge status={status} />
                  </Table.Td>
                  <Table.Td ta="right" data-label={invoiceWords.amount}>
                    <Amount minor={total} currency={currency} size="sm" fw={600} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </StackingTable>
      )}
    </Panel>
  );
}

function InvoiceAnchor({ account, number }: { readonly account: string; readonly number: string }): ReactElement {
  const to = `/operator/accounts/${encodeURIComponent(account)}/invoices/${encodeURIComponent(number)}`;
  return (
    <Anchor size="sm" renderRoot={(props) => <Link {...props} to={to} />}>
      {number}
    </Anchor>
  );
}
