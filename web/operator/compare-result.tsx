import '@mantine/charts/styles.css';

import { BarChart } from '@mantine/charts';
import { Box, Stack, Table, Text } from '@mantine/core';
import type { ReactElement } from 'react';

import { decimalsOf, money } from '../format/money.ts';
import { month as monthName } from '../format/time.ts';
import { Amount } from '../components/amount.tsx';
import { Panel } from '../components/panel.tsx';
import { words } from '../words/compare.ts';
import type { Played } from './comparison.ts';
import { AccountAnchor } from './account-table.tsx';
import { addMonths } from './months.ts';
import type { Result } from './use-comparison.ts';

/** Two years side by side: by month, in total, and what they differ in. */
export function CompareResult({ result }: { readonly result: Result }): ReactElement {
  const { left, right, customer } = result;
  const months = left.byMonth.map((_, month) => addMonths(customer.start, month));
  const isOneCurrency = left.currency === right.currency;
  return (
    <Panel title={words.result} hint={words.resultHint}>
      <Stack gap="md">
        <Text fw={600} role="status">
          {isOneCurrency ? verdict(result) : words.currencies}
        </Text>
        <Refusals name={words.side(words.sides.left)} played={left} />
        <Refusals name={words.side(words.sides.right)} played={right} />
        {isOneCurrency && <Chart months={months} result={result} />}
        <Table.ScrollContainer minWidth={280}>
          <Table verticalSpacing="xs" aria-label={words.result}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{words.month}</Table.Th>
                <Head name={words.sides.left} account={left.account} />
                <Head name={words.sides.right} account={right.account} />
                <Table.Th ta="right">{words.difference}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {months.map((month, index) => (
                <Row
                  key={month}
                  name={monthName(month)}
                  amounts={[left.byMonth[index] ?? 0, right.byMonth[index] ?? 0]}
                  currencies={[left.currency, right.currency]}
                />
              ))}
            </Table.Tbody>
            <Table.Tfoot>
              <Row
                name={words.total}
                amounts={[sumOf(left), sumOf(right)]}
                currencies={[left.currency, right.currency]}
                isTotal
              />
            </Table.Tfoot>
          </Table>
        </Table.ScrollContainer>
      </Stack>
    </Panel>
  );
}

function verdict({ left, right }: Result): string {
  const difference = sumOf(right) - sumOf(left);
  if (difference === 0) return words.same;
  const name = words.side(difference < 0 ? words.sides.right : words.sides.left);
  return words.cheaper(name, money(Math.abs(difference), left.currency));
}

function sumOf({ byMonth }: Played): number {
  return byMonth.reduce((sum, amount) => sum + amount, 0);
}

function Head({ name, account }: { readonly name: string; readonly account: string }): ReactElement {
  return (
    <Table.Th ta="right">
      <Stack gap={0} align="flex-end">
        {words.side(name)}
        <AccountAnchor account={account} />
      </Stack>
    </Table.Th>
  );
}

interface RowProps {
  readonly name: string;
  readonly amounts: readonly [number, number];
  readonly currencies: readonly [string, string];
  readonly isTotal?: true;
}

function Row({ name, amounts: [a, b], currencies: [ofA, ofB], isTotal }: RowProps): ReactElement {
  const weight = isTotal === true ? 700 : 400;
  const difference = b - a;
  return (
    <Table.Tr>
      <Table.Th fw={weight}>{name}</Table.Th>
      <Table.Td ta="right">
        <Amount minor={a} currency={ofA} size="sm" fw={weight} />
      </Table.Td>
      <Table.Td ta="right">
        <Amount minor={b} currency={ofB} size="sm" fw={weight} />
      </Table.Td>
      <Table.Td ta="right">
        <Text component="span" className="figures" size="sm" fw={weight}>
          {ofA === ofB ? `${difference > 0 ? '+' : ''}${money(difference, ofA)}` : '–'}
        </Text>
      </Table.Td>
    </Table.Tr>
  );
}

function Refusals({ name, played }: { readonly name: string; readonly played: Played }): ReactElement | null {
  if (played.refusedUses === 0) return null;
  return <Text size="sm">{words.refusedUse(name, played.refusedUses)}</Text>;
}

/** What the table says, as a picture; so it is hidden from those who have the table read to them. */
function Chart({ months, result }: { readonly months: readonly string[]; readonly result: Result }): ReactElement {
  const { left, right } = result;
  const scale = 10 ** decimalsOf(left.currency);
  const [a, b] = [words.side(words.sides.left), words.side(words.sides.right)];
  return (
    <Box aria-hidden>
      <BarChart
        h={220}
        data={months.map((month, index) => ({
          month: monthName(month),
          [a]: (left.byMonth[index] ?? 0) / scale,
          [b]: (right.byMonth[index] ?? 0) / scale,
        }))}
        dataKey="month"
        series={[
          { name: a, color: 'evergreen.8' },
          { name: b, color: 'blue.5' },
        ]}
        valueFormatter={(value) => money(Math.round(value * scale), left.currency)}
        yAxisProps={{ width: 80 }}
        withLegend
        barChartProps={{ accessibilityLayer: false }}
      />
    </Box>
  );
}
