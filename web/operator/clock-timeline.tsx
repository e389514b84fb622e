import { Group, Text } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { IconBell, IconFileInvoice, IconRefresh } from '@tabler/icons-react';
import type { ReactElement } from 'react';

import { sentenceOf } from '../activity/audit-entry.tsx';
import { ByDay } from '../activity/by-day.tsx';
import { accountQuery, auditQuery, isWithAmounts, noticesQuery } from '../api/queries.ts';
import { Panel } from '../components/panel.tsx';
import { noticeSentence } from '../words/notices.ts';
import { words } from '../words/time-machine.ts';

interface ClockTimelineProps {
  readonly accounts: readonly string[];
  /** While the clock moves, the engine is looked at over its shoulder. */
  readonly isBusy: boolean;
}

interface Happening {
  readonly at: string;
  readonly account: string;
  readonly kind: 'invoice' | 'notice' | 'change';
  readonly sentence: string;
}

const WATCH_MS = 700;
const MOST_SHOWN = 200;

/** Invoices, phases, payments and notices of all accounts on a clock, as the engine writes them down. */
export function ClockTimeline({ accounts, isBusy }: ClockTimelineProps): ReactElement {
  const refetchInterval = isBusy ? WATCH_MS : false;
  const views = useQueries({ queries: accounts.map((account) => accountQuery(account)) });
  const audits = useQueries({ queries: accounts.map((account) => ({ ...auditQuery(account), refetchInterval })) });
  const notices = useQueries({ queries: accounts.map((account) => ({ ...noticesQuery(account), refetchInterval })) });
  const happenings = accounts.flatMap((account, index): Happening[] => {
    const view = views[index]?.data;
    const currency = view !== undefined && isWithAmounts(view) ? view.currency : null;
    const told = (notices[index]?.data ?? []).map((notice): Happening => {
      return { at: notice.at, account, kind: 'notice', sentence: noticeSentence(notice) };
    });
    const changed = (audits[index]?.data ?? []).map((entry): Happening => {
      const kind = entry.action.startsWith('invoice.') ? 'invoice' : 'change';
      return { at: entry.at, account, kind, sentence: sentenceOf(entry, currency) };
    });
    return [...told, ...changed];
  });
  const newest = happenings.toSorted((a, b) => b.at.localeCompare(a.at)).slice(0, MOST_SHOWN);
  return (
    <Panel title={words.timeline} hint={words.timelineHint}>
      {newest.length === 0 ? (
        <Text>{words.nothingYet}</Text>
      ) : (
        <ByDay items={newest} atOf={({ at }) => at}>
          {(happening) => <Line happening={happening} isOneOfMany={accounts.length > 1} />}
        </ByDay>
      )}
    </Panel>
  );
}

const SIGNS = { invoice: IconFileInvoice, notice: IconBell, change: IconRefresh } as const;

function Line({
  happening,
  isOneOfMany,
}: {
  readonly happening: Happening;
  readonly isOneOfMany: boolean;
}): ReactElement {
  const { kind, sentence, account } = happening;
  const Sign = SIGNS[kind];
  return (
    <Group gap={8} wrap="nowrap" align="flex-start">
      <Sign size={16} aria-hidden style={{ flexShrink: 0, marginTop: 3 }} />
      <Text size="sm" fw={kind === 'invoice' ? 600 : 400}>
        {sentence}{' '}
        {isOneOfMany && (
          <Text span size="sm" c="dimmed" fw={400}>
            {words.of(account)}
          </Text>
        )}
      </Text>
    </Group>
  );
}
