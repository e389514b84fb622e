import { Button, Skeleton, Stack } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { lazy, type ReactElement, Suspense, useEffect } from 'react';

import { problemOf } from '../api/problem.ts';
import { accountQuery, type AccountView, isWithAmounts, usageQuery } from '../api/queries.ts';
import { useAccountId } from '../components/account-links.tsx';
import { quantity } from '../format/quantity.ts';
import { day, plainDay } from '../format/time.ts';
import { money } from '../format/money.ts';
import { Loaded } from '../components/loaded.tsx';
import { Notice } from '../components/notice.tsx';
import { PageHead } from '../components/page-head.tsx';
import { Panel } from '../components/panel.tsx';
import { Refused } from '../components/refused.tsx';
import { words } from '../words/usage.ts';
import { downloadCsv } from './download-csv.ts';
import { daysOfBar } from './bar-spans.ts';
import { barsOf, type Report, seriesOf, unitsOf } from './figures.ts';
import { Legend } from './legend.tsx';
import { isAnswerable, type Range, rangeNameOf, rangeOf, type UsageKey } from '../format/range.ts';
import { UsageControls } from './usage-controls.tsx';
import { UsageTable } from './usage-table.tsx';
import { useUsageSearch } from './use-usage-search.ts';

const loadChart = async () => ({ default: (await import('./usage-chart.tsx')).UsageChart });
const UsageChart = lazy(loadChart);

/** What was used, by whom and for what, and what it cost. */
export function UsagePage(): ReactElement {
  useEffect(() => {
    // Beside the data that it shows; should it not come, whoever draws it says so.
    loadChart().catch(() => null);
  }, []);
  const view = useQuery(accountQuery(useAccountId()));
  if (view.data !== undefined) return <Usage view={view.data} />;
  return (
    <>
      <PageHead title={words.title} />
      <Loaded query={view} rows={6}>
        {() => null}
      </Loaded>
    </>
  );
}

function Usage({ view }: { readonly view: AccountView }): ReactElement {
  const account = view.accountId;
  const [search, setSearch] = useUsageSearch();
  const name = rangeNameOf(search, view);
  const range = rangeOf(name, search, view);
  const by = search.by ?? 'feature';
  const isAsked = isAnswerable(range);
  const report = useQuery({ ...usageQuery(account, { ...range, by }), enabled: isAsked });
  const saving = useMutation({ mutationFn: () => downloadCsv(account, range) });
  const meters = report.data?.meters ?? [];
  const shown = meters.find(({ meter }) => meter === search.meter) ?? meters[0];
  return (
    <>
      <PageHead
        title={words.title}
        hint={shown === undefined ? spanOf(range) : headline(shown, range, isWithAmounts(view) ? view.currency : null)}
        actions={
          <Button
            variant="default"
            leftSection={<IconDownload size={16} aria-hidden />}
            loading={saving.isPending}
            disabled={!isAsked}
            onClick={() => {
              saving.mutate();
            }}
          >
            {words.csv}
          </Button>
        }
      />
      <Stack gap="lg">
        <UsageControls
          {...{ view, search, name, range }}
          meters={meters.map(({ meter }) => meter)}
          meter={shown?.meter ?? ''}
          onChange={setSearch}
        />
        <Refused problem={saving.isError ? problemOf(saving.error) : null} />
        {isAsked && (
          <Loaded query={report} rows={8}>
            {() =>
              shown === undefined || shown.keys.length === 0 ? (
                <Notice title={words.empty} text={words.emptyWhy} />
              ) : (
                <Shown
                  {...{ report: shown, by, range }}
                  currency={isWithAmounts(view) ? view.currency : null}
                  showsDays={search.table === 'days'}
                  onShowDays={(showsDays) => {
                    const { table: _table, ...rest } = search;
                    setSearch(showsDays ? { ...rest, table: 'days' } : rest);
                  }}
                />
              )
            }
          </Loaded>
        )}
      </Stack>
    </>
  );
}

interface ShownProps {
  readonly report: Report;
  readonly by: UsageKey;
  readonly range: Range;
  readonly currency: string | null;
  readonly showsDays: boolean;
  readonly onShowDays: (showsDays: boolean) => void;
}

function Shown({ report, by, range, currency, showsDays, onShowDays }: ShownProps): ReactElement {
  const series = seriesOf(report, by);
  const { unit } = report;
  const key = words.keys[by].toLowerCase();
  return (
    <>
      <Panel title={words.daily(key)} hint={words.dailyHint}>
        <figure style={{ margin: 0 }} aria-label={words.chart(`${unit}s`, daysOfBar(range), key)}>
          <Suspense fallback={<Skeleton height={300} />}>
            <UsageChart
              bars={barsOf(report, series, range)}
              days={daysOfBar(range)}
              series={series}
              unit={unit}
              currency={currency}
            />
          </Suspense>
        </figure>
        <Legend series={series} unit={unit} />
      </Panel>
      <Panel title={words.table}>
        <UsageTable {...{ report, by, currency, showsDays, onShowDays }} />
      </Panel>
    </>
  );
}

function spanOf({ from, to }: Range): string {
  return from === to ? day(to) : words.span(plainDay(from), day(to));
}

function headline({ sum, unit }: Report, range: Range, currency: string | null): string {
  const used = `${words.used(quantity(unitsOf(sum), unit))}, ${spanOf(range)}`;
  if (sum.overage === 0) return `${used}.`;
  const cost = currency === null || sum.overageCents === undefined ? null : money(sum.overageCents, currency);
  return `${used}, ${words.beyond(quantity(sum.overage, unit), cost)}`;
}
