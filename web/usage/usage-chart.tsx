import '@mantine/charts/styles.css';

import { BarChart } from '@mantine/charts';
import { Card, ColorSwatch, Group, Stack, Text } from '@mantine/core';
import type { ReactElement } from 'react';

import { money } from '../format/money.ts';
import { compact, quantity } from '../format/quantity.ts';
import { day, plainDay, shortDay } from '../format/time.ts';
import { words } from '../words/usage.ts';
import { type Bar, type BarPart, type Figures, type Series, unitsOf } from './figures.ts';

interface UsageChartProps {
  readonly bars: readonly Bar[];
  /** How many days a bar is of. */
  readonly days: number;
  readonly series: readonly Series[];
  readonly unit: string;
  /** Null for who sees no amounts. */
  readonly currency: string | null;
}

/** Stacked bars by day or week. Loaded when it is looked at: charts are the heaviest part of the pages. */
export function UsageChart({ bars, days, series, unit, currency }: UsageChartProps): ReactElement {
  const byDay = new Map(bars.map((bar) => [bar.from, bar]));
  const data = bars.map((bar) => ({
    day: bar.from,
    ...Object.fromEntries(bar.parts.map(({ series: { name }, figures }) => [name, Math.max(0, unitsOf(figures))])),
  }));
  return (
    <BarChart
      h={300}
      data={data}
      dataKey="day"
      type="stacked"
      series={series.map(({ name, label, color }) => ({ name, label, color }))}
      tickLine="y"
      gridAxis="x"
      maxBarWidth={36}
      valueFormatter={compact}
      xAxisProps={{ tickFormatter: (date: string) => shortDay(date), minTickGap: 24 }}
      {...(days === 1 ? {} : { xAxisLabel: words.byWeek })}
      yAxisProps={{ width: 48 }}
      tooltipProps={{
        content: ({ label }) => {
          const bar = byDay.get(String(label));
          return bar === undefined ? null : <BarCard bar={bar} unit={unit} currency={currency} />;
        },
      }}
    />
  );
}

/** What a bar is made of: units, and what they cost. */
function BarCard({
  bar: { from, to, parts },
  unit,
  currency,
}: Pick<UsageChartProps, 'unit' | 'currency'> & { readonly bar: Bar }): ReactElement {
  const used = parts.filter(({ figures }) => unitsOf(figures) !== 0);
  return (
    <Card padding="xs" radius="md" shadow="md">
      <Stack gap={4}>
        <Text size="sm" fw={600}>
          {from === to ? day(from) : words.span(plainDay(from), day(to))}
        </Text>
        {used.length === 0 && <Text size="sm">{quantity(0, unit)}</Text>}
        {used.map((part) => (
          <Part key={part.series.name} part={part} unit={unit} currency={currency} />
        ))}
      </Stack>
    </Card>
  );
}

function Part({
  part: { series, figures },
  unit,
  currency,
}: Pick<UsageChartProps, 'unit' | 'currency'> & { readonly part: BarPart }): ReactElement {
  return (
    <Group gap="xs" wrap="nowrap" justify="space-between">
      <Group gap={6} wrap="nowrap">
        <ColorSwatch
          size={10}
          radius={3}
          withShadow={false}
          color={`var(--mantine-color-${series.color.replace('.', '-')})`}
          aria-hidden
        />
        <Text size="sm">{series.label}</Text>
      </Group>
      <Text size="sm" className="figures">
        {quantity(unitsOf(figures), unit)} · {costOf(figures, unit, currency)}
      </Text>
    </Group>
  );
}

function costOf({ included, trial, overage, overageCents }: Figures, unit: string, currency: string | null): string {
  if (overage === 0 && included === 0) return trial > 0 ? words.freeTrial : words.free;
  if (overage === 0) return words.notCharged;
  if (currency === null || overageCents === undefined) return words.ofWhichOverage(quantity(overage, unit));
  return money(overageCents, currency);
}
