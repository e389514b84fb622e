import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { moment, period } from '../format/time.ts';
import { type Fact, FactList } from '../components/fact-list.tsx';
import { Panel } from '../components/panel.tsx';
import { StatusBadge } from '../components/status-badge.tsx';
import { words } from '../words/account-overview.ts';

type Account = Schemas['Account'];

/** How an account stands. */
export function AccountGlance({ view }: { readonly view: Account }): ReactElement {
  return (
    <Panel title={words.glance}>
      <FactList facts={factsOf(view)} />
    </Panel>
  );
}

function factsOf(view: Account): readonly Fact[] {
  const { facts } = words;
  const { cycle, trialEndsAt, paymentMethod, seats, scheduledChange, closedAt, refused, billingContacts } = view;
  const card = paymentMethod === null ? facts.noCard : facts.cardEnding(paymentMethod.brand, paymentMethod.last4);
  return [
    { name: facts.phase, value: <StatusBadge status={view.phase} /> },
    { name: facts.plan, value: planOf(view) },
    { name: facts.cycle, value: cycle === null ? facts.noCycle : period(cycle) },
    ...(trialEndsAt === undefined ? [] : [{ name: facts.trial, value: moment(trialEndsAt) }]),
    ...(scheduledChange === null
      ? []
      : [{ name: facts.change, value: facts.changeAt(scheduledChange.to, moment(scheduledChange.at)) }]),
    ...(seats === null ? [] : [{ name: facts.seats, value: facts.seatsOf(seats.used, seats.quantity) }]),
    { name: facts.card, value: card },
    { name: facts.clock, value: clockOf(view) },
    {
      name: facts.contacts,
      value: billingContacts.length === 0 ? facts.noContacts : billingContacts.join(', '),
    },
    ...(refused === null ? [] : [{ name: facts.refused, value: refused.message }]),
    ...(closedAt === undefined ? [] : [{ name: facts.closed, value: moment(closedAt) }]),
  ];
}

function planOf({ plan, planTitle, pack, interval }: Account): string {
  if (plan === null) return words.facts.noPlan;
  const every = interval === 'year' ? words.yearly : interval === 'month' ? words.monthly : null;
  return [planTitle ?? plan, pack, every].filter((part) => part !== null).join(', ');
}

function clockOf({ testClockId, now }: Account): string {
  return testClockId === null ? words.facts.realClock : words.facts.testClock(testClockId, moment(now));
}
