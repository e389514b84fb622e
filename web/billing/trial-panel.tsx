import { Group, Progress, Stack, Text } from '@mantine/core';
import type { ReactElement } from 'react';

import { percent, quantity } from '../format/quantity.ts';
import { between, moment } from '../format/time.ts';
import { Panel } from '../components/panel.tsx';
import { StatusBadge } from '../components/status-badge.tsx';
import { words } from '../words/billing.ts';
import { atPace } from './forecast.ts';
import { SubscribeButton } from './subscribe-button.tsx';
import type { Account, Catalog } from './subscription-price.ts';

interface TrialPanelProps {
  readonly account: Account;
  readonly catalog: Catalog;
}

const MONTH_MS = 30 * 86_400_000;

/** How long the trial lasts, what comes after it, and what was used of it: all free (TRI-2 to TRI-4). */
export function TrialPanel({ account, catalog }: TrialPanelProps): ReactElement {
  const { trialEndsAt, now, subscription } = account;
  const ends = trialEndsAt ?? now;
  return (
    <Panel
      title={words.trial.title}
      hint={words.trial.ends(moment(ends))}
      actions={subscription === null && <SubscribeButton account={account} catalog={catalog} isProminent />}
    >
      <Stack gap="md">
        <Group gap="sm" align="baseline">
          <Text size="2rem" fw={700} lh={1.1} className="figures" data-testid="trial-left">
            {words.trial.left(between(now, ends))}
          </Text>
          <StatusBadge status="trialing" />
        </Group>
        <TrialProgress account={account} />
        <Text size="sm">{afterTrial(account, catalog)}</Text>
        <TrialUse account={account} />
      </Stack>
    </Panel>
  );
}

function TrialProgress({
  account: { meters, now, trialEndsAt },
}: Pick<TrialPanelProps, 'account'>): ReactElement | null {
  const startedAt = Object.values(meters)[0]?.startedAt;
  if (startedAt === undefined || trialEndsAt === undefined) return null;
  const gone = percent(Date.parse(now) - Date.parse(startedAt), Date.parse(trialEndsAt) - Date.parse(startedAt));
  return <Progress value={gone} size="lg" radius="xl" aria-label={words.trial.progress(`${String(gone)} %`)} />;
}

function afterTrial(
  { subscription, planTitle, entity }: Account,
  { afterTrial: then, defaultPlan, plans }: Catalog,
): string {
  if (subscription !== null) return words.trial.thenPaid(planTitle ?? '');
  if (then === 'free' && defaultPlan !== null) return words.trial.thenFree(plans[defaultPlan]?.title ?? defaultPlan);
  return words.trial.thenBlocked(entity);
}

/** What the trial's use would be in a month, to choose a pack by. */
function TrialUse({ account: { meters, now } }: Pick<TrialPanelProps, 'account'>): ReactElement {
  const used = Object.values(meters).filter(({ trial }) => trial > 0);
  if (used.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {words.trial.unused}
      </Text>
    );
  }
  return (
    <>
      {used.map(({ unit, trial, startedAt }) => {
        const pace = atPace(trial, { startedAt, now, untilMs: MONTH_MS });
        return (
          <Text key={unit} size="sm">
            {words.trial.used(quantity(trial, unit))} {pace === null ? '' : words.trial.pace(quantity(pace, unit))}
          </Text>
        );
      })}
    </>
  );
}
