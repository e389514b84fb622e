import { Button, SegmentedControl, Stack, Table, Text } from '@mantine/core';
import { type ReactElement, type ReactNode, useState } from 'react';

import { number } from '../format/quantity.ts';
import { shortDay } from '../format/time.ts';
import { Amount } from '../components/amount.tsx';
import { StackingTable } from '../components/stacking-table.tsx';
import { words } from '../words/usage.ts';
import { type Figures, labelOf, type Report, unitsOf } from './figures.ts';
import type { UsageKey } from '../format/range.ts';

interface UsageTableProps {
  readonly report: Report;
  readonly by: UsageKey;
  readonly currency: string | null;
  readonly showsDays: boolean;
  readonly onShowDays: (showsDays: boolean) => void;
}

const ROWS_AT_ONCE = 60;

/** The chart's numbers, and their sum, which is the ledger's (CRE-20). */
export function UsageTable({ report, by, currency, showsDays, onShowDays }: UsageTableProps): ReactElement {
  const [most, setMost] = useState(ROWS_AT_ONCE);
  const left = showsDays ? report.days.length - most : 0;
  return (
    <Stack gap="sm" align="flex-start">
      <SegmentedControl
        aria-label={words.tableOf}
        value={showsDays ? 'days' : 'totals'}
        onChange={(value) => {
          onShowDays(value === 'days');
        }}
        data={[
          { value: 'totals', label: words.totals },
          { value: 'days', label: words.days },
        ]}
      />
      <StackingTable minWidth={560}>
        <Table verticalSpacing="xs" aria-label={words.table}>
          <Head report={report} by={by} showsDays={showsDays} hasCost={currency !== null} />
          <Table.Tbody>
            {showsDays
              ? report.days.slice(0, most).map((figures) => (
                  <Table.Tr key={`${figures.day} ${figures.key}`}>
                    <Table.Td>{shortDay(figures.day)}</Table.Td>
                    <Table.Td>{labelOf(figures.key, by)}</Table.Td>
                    <Cells figures={figures} report={report} currency={currency} />
                  </Table.Tr>
                ))
              : report.keys.map(({ key, sum }) => (
                  <Table.Tr key={key}>
                    <Table.Td>{labelOf(key, by)}</Table.Td>
                    <Cells figures={sum} report={report} currency={currency} />
                  </Table.Tr>
                ))}
          </Table.Tbody>
          <Table.Tfoot>
            <Table.Tr data-testid="usage-total">
              <Table.Th colSpan={showsDays ? 2 : 1}>{words.total}</Table.Th>
              <Cells figures={report.sum} report={report} currency={currency} isTotal />
            </Table.Tr>
          </Table.Tfoot>
        </Table>
      </StackingTable>
      {left > 0 && (
        <Button
          variant="default"
          onClick={() => {
            setMost(most + ROWS_AT_ONCE);
          }}
        >
          {words.showMore(Math.min(left, ROWS_AT_ONCE))}
        </Button>
      )}
      <Text size="xs" c="dimmed">
        {words.tableHint}
      </Text>
    </Stack>
  );
}

/** Columns that would be empty are left out: no trial, no overage. */
function columnsOf({ sum }: Report): { readonly trial: boolean; readonly overage: boolean } {
  return { trial: sum.trial !== 0, overage: sum.overage !== 0 };
}

function inUnitOf({ unit }: Report): (name: string) => string {
  return (name) => words.inUnit(name, `${unit}s`);
}

function Head({
  report,
  by,
  showsDays,
  hasCost,
}: Pick<UsageTableProps, 'report' | 'by' | 'showsDays'> & { readonly hasCost: boolean }): ReactElement {
  const { trial, overage } = columnsOf(report);
  const inUnit = inUnitOf(report);
  return (
    <Table.Thead>
      <Table.Tr>
        {showsDays && <Table.Th>{words.day}</Table.Th>}
        <Table.Th>{words.keys[by]}</Table.Th>
        <Table.Th ta="right">{words.events}</Table.Th>
        {trial && <Table.Th ta="right">{inUnit(words.trial)}</Table.Th>}
        <Table.Th ta="right">{inUnit(words.included)}</Table.Th>
        {overage && <Table.Th ta="right">{inUnit(words.overage)}</Table.Th>}
        <Table.Th ta="right">{inUnit(words.all)}</Table.Th>
        {hasCost && <Table.Th ta="right">{words.cost}</Table.Th>}
      </Table.Tr>
    </Table.Thead>
  );
}

function Cells({
  figures,
  report,
  currency,
  isTotal = false,
}: Pick<UsageTableProps, 'report' | 'currency'> & {
  readonly figures: Figures;
  readonly isTotal?: boolean;
}): ReactElement {
  const { trial, overage } = columnsOf(report);
  const inUnit = inUnitOf(report);
  const cell = (name: string, label: string, content: ReactNode): ReactElement => (
    <Table.Td ta="right" fw={isTotal ? 700 : undefined} data-figure={name} data-label={label}>
      {content}
    </Table.Td>
  );
  return (
    <>
      {cell('events', words.events, number(figures.events))}
      {trial &&
        cell('trial', inUnit(words.trial), figures.trial > 0 ? `${number(figures.trial)} ${words.free}` : number(0))}
      {cell('included', inUnit(words.included), number(figures.included))}
      {overage && cell('overage', inUnit(words.overage), number(figures.overage))}
      {cell('all', inUnit(words.all), number(unitsOf(figures)))}
      {currency !== null &&
        cell('cost', words.cost, <Amount minor={figures.overageCents ?? 0} currency={currency} inherit />)}
    </>
  );
}
