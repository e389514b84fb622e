import { Group, Stack, Table, Text } from '@mantine/core';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { number } from '../format/quantity.ts';
import { plainDay } from '../format/time.ts';
import { words } from '../words/invoice-lines.ts';
import { Amount } from './amount.tsx';
import { Why } from './why.tsx';

/** The sign beside an amount, and its gap; a cell's padding. */
const WHY_WIDTH = 26;
const CELL_PADDING = 10;

const OF_USE: ReadonlySet<string> = new Set(['overage', 'adjustment']);

interface InvoiceLinesProps {
  readonly invoice: Schemas['Invoice'];
  readonly withQuantity?: true | undefined;
}

/** An invoice's lines, each with its dates and its why, and their sum (MON-2). On a phone how many it is of stands in what they are called. */
export function InvoiceLines({ invoice, withQuantity }: InvoiceLinesProps): ReactElement {
  return (
    <Table.ScrollContainer minWidth={280}>
      <Table verticalSpacing="sm" aria-label={words.lines}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.what}</Table.Th>
            {withQuantity === true && (
              <Table.Th ta="right" visibleFrom="xs">
                {words.quantity}
              </Table.Th>
            )}
            <Table.Th ta="right" pr={WHY_WIDTH + CELL_PADDING}>
              {words.amount}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {invoice.lines.map((line, index) => (
            <Table.Tr key={index}>
              <Table.Td>
                <Stack gap={0}>
                  <Text size="sm">{line.description}</Text>
                  {!saysWhen(line) && (
                    <Text size="xs" c="dimmed">
                      {`${plainDay(line.periodStart)} – ${plainDay(line.periodEnd)}`}
                    </Text>
                  )}
                </Stack>
              </Table.Td>
              {withQuantity === true && (
                <Table.Td ta="right" visibleFrom="xs">
                  {number(line.quantity)}
                </Table.Td>
              )}
              <Table.Td>
                <Group gap={4} justify="flex-end" wrap="nowrap">
                  <Amount minor={line.amount} currency={invoice.currency} size="sm" />
                  <Why
                    what={line.description}
                    explanation={line.explanation}
                    amount={line.amount}
                    currency={invoice.currency}
                    {...(OF_USE.has(line.kind) ? { usedIn: { start: line.periodStart, end: line.periodEnd } } : {})}
                  />
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
        <Total {...{ invoice, withQuantity }} />
      </Table>
    </Table.ScrollContainer>
  );
}

function Total({ invoice, withQuantity }: InvoiceLinesProps): ReactElement {
  return (
    <Table.Tfoot>
      <Table.Tr>
        <Table.Th>{words.total}</Table.Th>
        {withQuantity === true && <Table.Td visibleFrom="xs" />}
        <Table.Th>
          <Group gap={4} justify="flex-end" pr={WHY_WIDTH}>
            <Amount minor={invoice.total} currency={invoice.currency} fw={700} />
          </Group>
        </Table.Th>
      </Table.Tr>
    </Table.Tfoot>
  );
}

/** What is charged in advance names its dates, as on paper; they are not said twice. */
function saysWhen({ description, periodStart, periodEnd }: Schemas['InvoiceLine']): boolean {
  return [periodStart, periodEnd].every((instant) => description.includes(plainDay(instant)));
}
