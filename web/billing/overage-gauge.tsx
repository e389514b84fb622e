import { Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { upcomingQuery } from '../api/queries.ts';
import { money, unitPrice } from '../format/money.ts';
import { quantity } from '../format/quantity.ts';
import { day } from '../format/time.ts';
import { Gauge } from '../components/gauge.tsx';
import { Why } from '../components/why.tsx';
import { words } from '../words/billing.ts';
import type { Account } from './subscription-price.ts';

interface OverageProps {
  readonly meter: Schemas['Meter'];
  readonly account: Account;
}

/** What has accrued beyond what is included, against the most that it may cost, and what happens then (CRE-6, CRE-8). */
export function OverageGauge({ meter, account }: OverageProps): ReactElement | null {
  const { rate, capCents, overageCents, overage, unit, renewsAt, refusals, overageBeforeBiggerPack } = meter;
  const { currency } = account;
  if (rate === null) return null;
  const text = words.credits;
  return (
    <Stack gap={6}>
      <Group gap={4}>
        <Text fw={600} size="sm">
          {text.overage}
        </Text>
        <OverageWhy account={account} overageCents={overageCents} />
      </Group>
      {capCents !== null && capCents > 0 && (
        <Gauge
          name={text.overageGauge}
          whole={capCents}
          parts={[
            {
              name: text.accrued,
              value: overageCents,
              color: 'grape',
              shown: `${money(overageCents, currency)} (${quantity(overage, unit)})`,
            },
          ]}
          left={text.ofCap(money(Math.max(0, capCents - overageCents), currency), money(capCents, currency))}
        />
      )}
      {overageBeforeBiggerPack > 0 && (
        <Text size="sm">{text.beforeBiggerPack(quantity(overageBeforeBiggerPack, unit))}</Text>
      )}
      <Text size="sm" c="dimmed">
        {capCents === 0
          ? text.noOverage
          : [text.rate(unitPrice(rate, currency), unit), renewsAt === null ? '' : text.atCap(day(renewsAt))].join(' ')}
      </Text>
      <Text size="sm" c="dimmed">
        {refusals === 0 ? text.noRefusals : text.refusals(quantity(refusals, text.request))}
      </Text>
    </Stack>
  );
}

/** The accrued overage is a line of the next invoice already, which explains it. */
function OverageWhy({
  account,
  overageCents,
}: {
  readonly account: Account;
  readonly overageCents: number;
}): ReactElement | null {
  const { data } = useQuery(upcomingQuery(account.accountId));
  const line = data?.lines.find(({ kind, amount }) => kind === 'overage' && amount === overageCents);
  if (line === undefined) return null;
  const usedIn = { start: line.periodStart, end: line.periodEnd };
  return (
    <Why
      what={line.description}
      explanation={line.explanation}
      amount={line.amount}
      currency={account.currency}
      usedIn={usedIn}
    />
  );
}
