import { Button, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactElement } from 'react';

import { type Fact, FactList } from '../components/fact-list.tsx';
import { lazyDialog } from '../components/lazy-dialog.tsx';
import { Panel } from '../components/panel.tsx';
import { StatusBadge } from '../components/status-badge.tsx';
import { words } from '../words/billing.ts';
import { changesOf } from './changes.ts';
import { contractFacts, planFacts } from './plan-facts.ts';
import { ScheduledChange } from './scheduled-change.tsx';
import { SubscribeButton } from './subscribe-button.tsx';
import { type Account, type Catalog, hasScheduled } from './subscription-price.ts';

const ChangeDialog = lazyDialog(async () => (await import('./change-dialog.tsx')).ChangeDialog);
const LeaveDialog = lazyDialog(async () => (await import('./leave-dialog.tsx')).LeaveDialog);

interface PlanPanelProps {
  readonly account: Account;
  readonly catalog: Catalog;
}

/** What is subscribed to, what it costs, when it renews, and how to change or end it. */
export function PlanPanel({ account, catalog }: PlanPanelProps): ReactElement {
  const facts: readonly Fact[] = [
    { name: words.member.status, value: <StatusBadge status={account.phase} /> },
    ...planFacts(account, catalog),
    ...contractFacts(account),
  ];
  return (
    <Panel title={account.planTitle ?? words.plan.none} actions={<PlanActions account={account} catalog={catalog} />}>
      <Stack gap="md">
        <FactList facts={facts} />
        <ScheduledChange account={account} />
        {account.phase === 'past_due' && account.contract === null && (
          <Text size="sm" c="dimmed">
            {words.plan.pastDue}
          </Text>
        )}
        {account.contract !== null && (
          <Text size="sm" c="dimmed">
            {words.plan.byContract}
          </Text>
        )}
      </Stack>
    </Panel>
  );
}

function PlanActions({ account, catalog }: PlanPanelProps): ReactElement | null {
  const [isChanging, change] = useDisclosure(false);
  const [isLeaving, leave] = useDisclosure(false);
  if (account.closedAt !== undefined || account.contract !== null) return null;
  if (account.subscription === null) return <SubscribeButton account={account} catalog={catalog} />;
  const free = catalog.defaultPlan === null ? null : catalog.plans[catalog.defaultPlan];
  const isPastDue = account.phase === 'past_due';
  const hasChanges = changesOf(account, catalog).length > 0;
  return (
    <>
      {hasChanges && (
        <Button size="xs" onClick={change.open} disabled={isPastDue}>
          {words.plan.change}
        </Button>
      )}
      {!hasScheduled(account) && (
        <Button size="xs" variant="default" onClick={leave.open}>
          {free == null ? words.plan.cancel : words.plan.toFree(free.title)}
        </Button>
      )}
      {isChanging && <ChangeDialog onClose={change.close} account={account} catalog={catalog} />}
      {isLeaving && <LeaveDialog onClose={leave.close} account={account} catalog={catalog} />}
    </>
  );
}
