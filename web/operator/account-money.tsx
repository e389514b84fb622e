import { Group, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { invoicesQuery, upcomingQuery } from '../api/queries.ts';
import { AccountLink } from '../components/account-links.tsx';
import { day, moment } from '../format/time.ts';
import { Amount } from '../components/amount.tsx';
import { DialogButton } from '../components/dialog-button.tsx';
import { lazyDialog } from '../components/lazy-dialog.tsx';
import { Loaded } from '../components/loaded.tsx';
import { Panel } from '../components/panel.tsx';
import { StackingTable } from '../components/stacking-table.tsx';
import { words } from '../words/account-overview.ts';
import { words as acts } from '../words/operator-money.ts';

const RecordPayment = lazyDialog(async () => (await import('./record-payment.tsx')).RecordPayment);

/** What is owed, and what is issued next. */
export function AccountMoney({ view }: { readonly view: Schemas['Account'] }): ReactElement {
  const { accountId: account } = view;
  const invoices = useQuery(invoicesQuery(account));
  const upcoming = useQuery(upcomingQuery(account));
  return (
    <Panel
      title={words.money}
      hint={words.moneyHint}
      actions={
        <AccountLink page="invoices" size="sm">
          {words.allInvoices}
        </AccountLink>
      }
    >
      <Loaded query={invoices}>
        {(all) => <Open invoices={all.filter(({ status }) => status === 'open')} account={account} />}
      </Loaded>
      <Loaded query={upcoming} rows={1}>
        {(invoice) => (
          <Group justify="space-between">
            <Text size="sm">
              {words.nextInvoice}
              {invoice !== null && `, ${moment(invoice.issuedAt)}`}
            </Text>
            {invoice === null ? (
              <Text size="sm" c="dimmed">
                {words.noNext}
              </Text>
            ) : (
              <Amount minor={invoice.total} currency={invoice.currency} fw={600} />
            )}
          </Group>
        )}
      </Loaded>
    </Panel>
  );
}

interface OpenProps {
  readonly invoices: readonly Schemas['Invoice'][];
  readonly account: string;
}

function Open({ invoices, account }: OpenProps): ReactElement {
  if (invoices.length === 0) return <Text size="sm">{words.noOpen}</Text>;
  return (
    <Stack gap={0}>
      <StackingTable minWidth={520}>
        <Table verticalSpacing="xs" aria-label={words.open}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{words.invoice}</Table.Th>
              <Table.Th>{words.issued}</Table.Th>
              <Table.Th>{words.due}</Table.Th>
              <Table.Th ta="right">{words.amount}</Table.Th>
              <Table.Th ta="right">{words.actions}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {invoices.map(({ number, issuedAt, dueAt, total, currency }) =>
              number === null ? null : (
                <Table.Tr key={number}>
                  <Table.Td>
                    <AccountLink page={`invoices/${encodeURIComponent(number)}`} size="sm">
                      {number}
                    </AccountLink>
                  </Table.Td>
                  <Table.Td data-label={words.issued}>{day(issuedAt)}</Table.Td>
                  <Table.Td data-label={words.due}>{dueAt === undefined ? words.dueNow : moment(dueAt)}</Table.Td>
                  <Table.Td ta="right" data-label={words.amount}>
                    <Amount minor={total} currency={currency} size="sm" fw={600} />
                  </Table.Td>
                  <Table.Td ta="right">
                    <DialogButton label={acts.record.button} name={acts.record.buttonOf(number)} size="compact-sm">
                      {(onClose) => <RecordPayment {...{ account, number, total, currency, onClose }} />}
                    </DialogButton>
                  </Table.Td>
                </Table.Tr>
              ),
            )}
          </Table.Tbody>
        </Table>
      </StackingTable>
    </Stack>
  );
}
