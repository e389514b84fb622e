import { Stack, Text } from '@mantine/core';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { quantity } from '../format/quantity.ts';
import { between, day, moment } from '../format/time.ts';
import { OwnAccessBanner } from '../members/own-access-banner.tsx';
import { AllowanceGauge } from '../components/allowance-gauge.tsx';
import { type Fact, FactList } from '../components/fact-list.tsx';
import { Panel } from '../components/panel.tsx';
import { StatusBadge } from '../components/status-badge.tsx';
import { words } from '../words/billing.ts';
import { meterWord } from '../words/meters.ts';
import { ClosedBanner } from './closed-banner.tsx';
import { scheduledText } from './scheduled-change.tsx';

type Account = Schemas['AccountForMembers'];

/** What a member may know: whether they can run, why not, how much is left, and who can change it. No amounts (SEA-17). */
export function MemberBilling({ account }: { readonly account: Account }): ReactElement {
  return (
    <Stack gap="lg" maw={720}>
      <ClosedBanner account={account} />
      <OwnAccessBanner account={account} />
      <Panel title={words.member.title}>
        <FactList facts={factsOf(account)} />
      </Panel>
      {Object.entries(account.meters).map(([name, meter]) => (
        <Panel key={name} title={meterWord(name)}>
          {account.phase === 'trialing' ? (
            <Text size="sm">
              {meter.trial === 0 ? words.trial.unused : words.trial.used(quantity(meter.trial, meter.unit))}
            </Text>
          ) : (
            <AllowanceGauge meter={meter} />
          )}
        </Panel>
      ))}
      <Panel title={words.member.whoTitle}>
        <Text size="sm">{words.member.who(account.entity, account.ownerId)}</Text>
      </Panel>
    </Stack>
  );
}

function factsOf(account: Account): readonly Fact[] {
  const { phase, planTitle, trialEndsAt, now, cycle, scheduledChange } = account;
  const facts: Fact[] = [
    { name: words.member.status, value: <StatusBadge status={phase} /> },
    { name: words.member.plan, value: planTitle ?? words.member.noPlan },
  ];
  if (phase === 'trialing' && trialEndsAt !== undefined) {
    facts.push({
      name: words.member.trialEnds,
      value: `${moment(trialEndsAt)} (${words.trial.left(between(now, trialEndsAt))})`,
    });
  }
  if (cycle !== null && scheduledChange === null) facts.push({ name: words.member.renews, value: day(cycle.end) });
  const planned = scheduledText(account);
  if (planned !== null) facts.push({ name: words.member.next, value: planned });
  return facts;
}
