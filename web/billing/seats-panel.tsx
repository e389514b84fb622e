import { SimpleGrid, Stack, Text } from '@mantine/core';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { AccountLink } from '../components/account-links.tsx';
import { number, quantity } from '../format/quantity.ts';
import { Panel } from '../components/panel.tsx';
import { words } from '../words/billing.ts';

export function SeatsPanel({ seats }: { readonly seats: Schemas['Seats'] }): ReactElement {
  const counts = [
    [words.seats.used, seats.used],
    [words.seats.free, seats.free],
    [words.seats.awaiting, seats.awaitingRemoval],
  ] as const;
  return (
    <Panel
      title={words.seats.title}
      hint={words.seats.count(quantity(seats.quantity, 'seat'))}
      actions={
        <AccountLink page="members" size="sm">
          {words.seats.members}
        </AccountLink>
      }
    >
      <SimpleGrid cols={3}>
        {counts.map(([name, count]) => (
          <Stack key={name} gap={0}>
            <Text size="sm" c="dimmed">
              {name}
            </Text>
            <Text fw={650} size="xl" className="figures">
              {number(count)}
            </Text>
          </Stack>
        ))}
      </SimpleGrid>
    </Panel>
  );
}
