import { Alert, Progress, Stack, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { moment } from '../format/time.ts';
import { Panel } from '../components/panel.tsx';
import { ShowOlder } from '../components/show-older.tsx';
import { words } from '../words/reconciliation.ts';
import { DifferenceTable } from './difference-table.tsx';
import { REFRESH_MS } from './queries.ts';
import { reconciliationQuery } from './reconciliation-queries.ts';

/** What one comparison found, also while it is under way. */
export function ReconciliationReport({ report }: { readonly report: Schemas['Reconciliation'] }): ReactElement {
  const { reconciliationId, status, startedAt, accountsLookedAt, differenceCount, endedAt } = report;
  const isRunning = status === 'running';
  return (
    <Panel title={`${words.started.replace(' (UTC)', '')} ${moment(startedAt)}`}>
      {isRunning && (
        <Stack gap={6} role="status">
          <Text size="sm">{words.running(accountsLookedAt)}</Text>
          <Progress value={100} animated aria-label={words.running(accountsLookedAt)} />
        </Stack>
      )}
      {!isRunning && differenceCount === 0 && (
        <Alert role="status" color="evergreen" icon={<IconCircleCheck aria-hidden />} title={words.agrees}>
          {words.agreesWhy(accountsLookedAt, moment(endedAt ?? startedAt))}
        </Alert>
      )}
      {differenceCount > 0 && (
        <>
          <Alert
            role="status"
            color="red"
            icon={<IconAlertTriangle aria-hidden />}
            title={words.found(differenceCount)}
          >
            {words.foundWhy}
          </Alert>
          <Differences reconciliation={reconciliationId} isRunning={isRunning} />
        </>
      )}
    </Panel>
  );
}

function Differences({
  reconciliation,
  isRunning,
}: {
  readonly reconciliation: string;
  readonly isRunning: boolean;
}): ReactElement {
  const query = useInfiniteQuery({
    ...reconciliationQuery(reconciliation),
    refetchInterval: isRunning ? REFRESH_MS : false,
  });
  return (
    <ShowOlder query={query} itemsOf={({ differences }) => differences} label={words.more} empty={null}>
      {(differences) => <DifferenceTable differences={differences} />}
    </ShowOlder>
  );
}
