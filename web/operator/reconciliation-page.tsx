import { Button, Stack, Table } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { IconScale } from '@tabler/icons-react';
import { type ReactElement, useState } from 'react';

import { actorName } from '../activity/audit-entry.tsx';
import { answered, api, type Schemas } from '../api/client.ts';
import { problemOf } from '../api/problem.ts';
import { shortMoment } from '../format/time.ts';
import { Loaded } from '../components/loaded.tsx';
import { Notice } from '../components/notice.tsx';
import { PageHead } from '../components/page-head.tsx';
import { Panel } from '../components/panel.tsx';
import { Refused } from '../components/refused.tsx';
import { StackingTable } from '../components/stacking-table.tsx';
import { StatusBadge } from '../components/status-badge.tsx';
import { words } from '../words/reconciliation.ts';
import { OPERATOR_KEY, REFRESH_MS } from './queries.ts';
import { ReconciliationReport } from './reconciliation-report.tsx';
import { reconciliationsQuery } from './reconciliation-queries.ts';

/** Whether the ledger, the invoices and Stripe agree (AUD-3). */
export function ReconciliationPage(): ReactElement {
  const query = useQuery({ ...reconciliationsQuery, refetchInterval: REFRESH_MS });
  const [chosen, choose] = useState<string | null>(null);
  const queries = useQueryClient();
  const start = useMutation({
    mutationFn: () =>
      answered(api.POST('/v1/reconciliations', { headers: { 'idempotency-key': crypto.randomUUID() } })),
    onSuccess: async ({ reconciliationId }) => {
      await queries.invalidateQueries({ queryKey: OPERATOR_KEY });
      choose(reconciliationId);
    },
  });
  return (
    <>
      <PageHead
        title={words.title}
        hint={words.hint}
        actions={
          <Button
            leftSection={<IconScale size={16} aria-hidden />}
            loading={start.isPending}
            onClick={() => {
              start.mutate();
            }}
          >
            {words.start}
          </Button>
        }
      />
      <Stack gap="lg">
        <Refused problem={start.isError ? problemOf(start.error) : null} />
        <Loaded query={query} rows={6}>
          {(reports) => {
            const shown = reports.find(({ reconciliationId }) => reconciliationId === chosen) ?? reports[0];
            if (shown === undefined) return <Notice title={words.none} text={words.noneWhy} />;
            return (
              <>
                <ReconciliationReport report={shown} />
                <Reports reports={reports} shown={shown.reconciliationId} onShow={choose} />
              </>
            );
          }}
        </Loaded>
      </Stack>
    </>
  );
}

interface ReportsProps {
  readonly reports: readonly Schemas['Reconciliation'][];
  readonly shown: string;
  readonly onShow: (reconciliation: string) => void;
}

function Reports({ reports, shown, onShow }: ReportsProps): ReactElement {
  return (
    <Panel title={words.earlier}>
      <StackingTable minWidth={640}>
        <Table verticalSpacing="xs" aria-label={words.earlier}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{words.started}</Table.Th>
              <Table.Th>{words.by}</Table.Th>
              <Table.Th>{words.status}</Table.Th>
              <Table.Th ta="right">{words.accounts}</Table.Th>
              <Table.Th ta="right">{words.differences}</Table.Th>
              <Table.Th ta="right">{words.show}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {reports.map(
              ({ reconciliationId: id, startedAt, startedBy, status, accountsLookedAt, differenceCount }) => (
                <Table.Tr key={id}>
                  <Table.Td className="figures">{shortMoment(startedAt)}</Table.Td>
                  <Table.Td data-label={words.by}>{actorName(startedBy)}</Table.Td>
                  <Table.Td data-label={words.status}>
                    <StatusBadge status={status} />
                  </Table.Td>
                  <Table.Td ta="right" data-label={words.accounts}>
                    {accountsLookedAt}
                  </Table.Td>
                  <Table.Td ta="right" data-label={words.differences}>
                    {differenceCount}
                  </Table.Td>
                  <Table.Td ta="right">
                    <Button
                      variant="subtle"
                      size="compact-sm"
                      disabled={id === shown}
                      aria-label={words.showOf(shortMoment(startedAt))}
                      onClick={() => {
                        onShow(id);
                      }}
                    >
                      {id === shown ? words.shown : words.show}
                    </Button>
                  </Table.Td>
                </Table.Tr>
              ),
            )}
          </Table.Tbody>
        </Table>
      </StackingTable>
    </Panel>
  );
}
