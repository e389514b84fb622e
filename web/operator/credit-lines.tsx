import { Button, Group, Stack, Table, Text } from '@mantine/core';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { typedMoney } from '../format/money.ts';
import { period } from '../format/time.ts';
import { Amount } from '../components/amount.tsx';
import { MoneyField } from '../components/money-field.tsx';
import { words } from '../words/operator-money.ts';

type Typed = Readonly<Record<number, string>>;

interface CreditLinesProps {
  readonly invoice: Schemas['Invoice'];
  /** What was typed, by line. */
  readonly typed: Typed;
  readonly onChange: (typed: Typed) => void;
}

/** How much of each line is given back. Lines that are credits themselves have nothing to give. */
export function CreditLines({ invoice, typed, onChange }: CreditLinesProps): ReactElement {
  return (
    <Table.ScrollContainer minWidth={560}>
      <Table verticalSpacing="xs" aria-label={words.credit.title}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.credit.line}</Table.Th>
            <Table.Th ta="right">{words.credit.paid}</Table.Th>
            <Table.Th>{words.credit.amount}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {invoice.lines.map((line, index) =>
            line.amount <= 0 ? null : (
              <Row
                key={index}
                line={line}
                currency={invoice.currency}
                typed={typed[index] ?? ''}
                onChange={(text) => {
                  onChange({ ...typed, [index]: text });
                }}
              />
            ),
          )}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

interface RowProps {
  readonly line: Schemas['InvoiceLine'];
  readonly currency: string;
  readonly typed: string;
  readonly onChange: (text: string) => void;
}

function Row({ line, currency, typed, onChange }: RowProps): ReactElement {
  const { description, amount, periodStart, periodEnd } = line;
  return (
    <Table.Tr>
      <Table.Td>
        <Stack gap={0}>
          <Text size="sm">{description}</Text>
          <Text size="xs" c="dimmed">
            {period({ start: periodStart, end: periodEnd })}
          </Text>
        </Stack>
      </Table.Td>
      <Table.Td ta="right">
        <Amount minor={amount} currency={currency} size="sm" />
      </Table.Td>
      <Table.Td>
        <Group gap="xs" wrap="nowrap" align="flex-start">
          <MoneyField
            aria-label={words.credit.amountOf(description)}
            currency={currency}
            value={typed}
            onChange={onChange}
            most={amount}
            isCharged
            isOptional
            w={150}
          />
          <Button
            variant="subtle"
            size="compact-sm"
            mt={6}
            aria-label={words.credit.allOf(description)}
            onClick={() => {
              onChange(typedMoney(amount, currency));
            }}
          >
            {words.credit.all}
          </Button>
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}
