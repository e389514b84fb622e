import { ActionIcon, Code, CopyButton, Group, Stack, Table, Text } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import type { ReactElement, ReactNode } from 'react';

import type { Schemas } from '../api/client.ts';
import { moment, period } from '../format/time.ts';
import { Amount } from '../components/amount.tsx';
import { Hint } from '../components/hint.tsx';
import { StatusBadge } from '../components/status-badge.tsx';
import { words } from '../words/invoices.ts';

/** An invoice without its lines: when, for what, how far it has come, and what it is at Stripe. */
export function InvoiceFacts({
  invoice,
  now,
}: {
  readonly invoice: Schemas['Invoice'];
  readonly now: string;
}): ReactElement {
  const { purpose, issuedAt, periodStart, periodEnd, total, currency, status, dueAt, nextAttemptAt, stripe } = invoice;
  const isOverdue = dueAt !== undefined && status === 'open' && dueAt < now;
  return (
    <Table variant="vertical" layout="fixed" withRowBorders={false} verticalSpacing={6}>
      <Table.Tbody>
        <Fact name={words.total}>
          <Amount minor={total} currency={currency} fw={700} />
        </Fact>
        <Fact name={words.status}>
          <Stack gap={2} align="flex-start">
            <StatusBadge status={status} />
            <Text size="xs" c="dimmed">
              {words.statuses[status]}
            </Text>
          </Stack>
        </Fact>
        <Fact name={words.purpose}>{words.purposes[purpose] ?? purpose}</Fact>
        <Fact name={words.issued}>{moment(issuedAt)}</Fact>
        <Fact name={words.period}>{period({ start: periodStart, end: periodEnd })}</Fact>
        <Fact name={words.due}>
          {dueAt === undefined ? words.dueAtOnce : isOverdue ? words.overdueSince(moment(dueAt)) : moment(dueAt)}
        </Fact>
        {nextAttemptAt !== undefined && <Fact name={words.nextTry}>{moment(nextAttemptAt)}</Fact>}
        <Fact name={words.atStripe}>
          {stripe === null ? words.notAtStripe : <AtStripe id={stripe.id} status={stripe.status} />}
        </Fact>
      </Table.Tbody>
    </Table>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <Table.Tr>
      <Table.Th w={{ base: '35%', sm: 160 }}>{name}</Table.Th>
      <Table.Td>{children}</Table.Td>
    </Table.Tr>
  );
}

function AtStripe({ id, status }: { readonly id: string; readonly status: string }): ReactElement {
  return (
    <Group gap={6}>
      <Code style={{ overflowWrap: 'anywhere' }}>{id}</Code>
      <CopyButton value={id}>
        {({ copied, copy }) => (
          <Hint label={copied ? words.copied : words.copy}>
            <ActionIcon size="sm" aria-label={words.copy} onClick={copy}>
              {copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
            </ActionIcon>
          </Hint>
        )}
      </CopyButton>
      <StatusBadge status={status} />
    </Group>
  );
}
