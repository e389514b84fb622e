import { Anchor, Badge, Stack, Table, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { shortMoment } from '../format/time.ts';
import { Amount } from '../components/amount.tsx';
import { StackingTable } from '../components/stacking-table.tsx';
import { StatusBadge } from '../components/status-badge.tsx';
import { words } from '../words/accounts.ts';

type Listing = Schemas['AccountListing'];

/** Accounts in the order in which they need somebody. */
export function AccountTable({ accounts }: { readonly accounts: readonly Listing[] }): ReactElement {
  return (
    <StackingTable minWidth={860}>
      <Table verticalSpacing="sm" highlightOnHover aria-label={words.title}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.account}</Table.Th>
            <Table.Th>{words.phase}</Table.Th>
            <Table.Th>{words.plan}</Table.Th>
            <Table.Th ta="right">{words.seats}</Table.Th>
            <Table.Th>{words.next}</Table.Th>
            <Table.Th ta="right">{words.open}</Table.Th>
            <Table.Th>{words.clock}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {accounts.map((account) => (
            <Row key={account.accountId} account={account} />
          ))}
        </Table.Tbody>
      </Table>
    </StackingTable>
  );
}

function Row({ account }: { readonly account: Listing }): ReactElement {
  const { accountId, ownerId, catalog, phase, plan, seats, nextDueAt, openCents, currency, testClockId } = account;
  return (
    <Table.Tr>
      <Table.Td>
        <Stack gap={0}>
          <AccountAnchor account={accountId} />
          <Text size="xs" c="dimmed">
            {words.owner}: {ownerId}
          </Text>
        </Stack>
      </Table.Td>
      <Table.Td data-label={words.phase}>
        <StatusBadge status={phase} />
      </Table.Td>
      <Table.Td data-label={words.plan}>
        <Stack gap={0}>
          <Text size="sm">{plan ?? words.noPlan}</Text>
          <Text size="xs" c="dimmed">
            {catalog}
          </Text>
        </Stack>
      </Table.Td>
      <Table.Td ta="right" data-label={words.seats}>
        {seats === 0 ? '–' : seats}
      </Table.Td>
      <Table.Td className="figures" data-label={words.next}>
        {nextDueAt === null ? words.nothing : shortMoment(nextDueAt)}
      </Table.Td>
      <Table.Td ta="right" data-label={words.open}>
        {openCents === 0 ? '–' : <Amount minor={openCents} currency={currency} size="sm" fw={600} />}
      </Table.Td>
      <Table.Td data-label={words.clock}>
        {testClockId === null ? (
          <Text size="sm" c="dimmed">
            {words.realClock}
          </Text>
        ) : (
          <Badge color="grape" variant="outline" title={testClockId} maw={140}>
            {testClockId}
          </Badge>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

/** Leads to what an operator sees of an account. */
export function AccountAnchor({ account }: { readonly account: string }): ReactElement {
  return (
    <Anchor
      size="sm"
      fw={600}
      renderRoot={(props) => <Link {...props} to="/operator/accounts/$account" params={{ account }} />}
    >
      {account}
    </Anchor>
  );
}
