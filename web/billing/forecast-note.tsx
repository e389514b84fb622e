import { Badge, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useId } from 'react';

import type { Schemas } from '../api/client.ts';
import { upcomingQuery } from '../api/queries.ts';
import { money } from '../format/money.ts';
import { quantity } from '../format/quantity.ts';
import { day } from '../format/time.ts';
import { Hint } from '../components/hint.tsx';
import { words } from '../words/billing.ts';
import { forecastOf } from './forecast.ts';
import type { Account } from './subscription-price.ts';

/** Where the cycle is heading at its pace, marked as the guess that it is. */
export function ForecastNote({
  meter,
  account,
}: {
  readonly meter: Schemas['Meter'];
  readonly account: Account;
}): ReactElement {
  const { data: upcoming } = useQuery(upcomingQuery(account.accountId));
  const forecast = forecastOf(meter, account.now);
  const how = useId();
  const text = words.forecast;
  const { currency } = account;
  const sentences: string[] = [];
  if (forecast !== null) {
    sentences.push(text.cycle(quantity(forecast.used, meter.unit), day(meter.renewsAt ?? account.now)));
    if (forecast.overage === 0) sentences.push(text.within);
    else if (meter.rate !== null) {
      const { uncappedCents, overageCents } = forecast;
      sentences.push(text.overage(quantity(forecast.overage, meter.unit), money(uncappedCents, currency)));
      if (overageCents < uncappedCents) sentences.push(text.capped(money(overageCents, currency)));
    }
    if (upcoming != null && forecast.overageCents > meter.overageCents) {
      const more = forecast.overageCents - meter.overageCents;
      sentences.push(text.invoice(money(upcoming.total + more, currency)));
    }
  }
  return (
    <Stack gap={4}>
      <Group gap="xs">
        <Text fw={600} size="sm">
          {text.title}
        </Text>
        <Hint label={text.how} id={how}>
          <Badge variant="outline" color="gray" tabIndex={0} aria-describedby={how}>
            {text.estimate}
          </Badge>
        </Hint>
      </Group>
      <Text size="sm">{forecast === null ? text.early : sentences.join(' ')}</Text>
    </Stack>
  );
}
