import { Button, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconMinus, IconPlus } from '@tabler/icons-react';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { money } from '../format/money.ts';
import { day } from '../format/time.ts';
import { Gauge } from '../components/gauge.tsx';
import { lazyDialog } from '../components/lazy-dialog.tsx';
import { Panel } from '../components/panel.tsx';
import { words } from '../words/members.ts';
import type { Member } from './member.ts';
import { seatPrice } from './seat-figures.ts';

const AddSeats = lazyDialog(async () => (await import('./add-seats.tsx')).AddSeats);
const RemoveSeats = lazyDialog(async () => (await import('./remove-seats.tsx')).RemoveSeats);

interface SeatsPanelProps {
  readonly account: Schemas['Account'];
  readonly catalog: Schemas['Catalog'];
  readonly seats: Schemas['Seats'];
  readonly members: readonly Member[];
}

/** What is paid for, who sits on it, and what ends with the cycle. */
export function SeatsPanel({ account, catalog, seats, members }: SeatsPanelProps): ReactElement {
  const [isAdding, adding] = useDisclosure(false);
  const [isRemoving, removing] = useDisclosure(false);
  const { quantity, used, free, awaitingRemoval } = seats;
  return (
    <Panel title={words.seats.title} hint={words.seats.hint(used, quantity)}>
      <Stack gap="md" flex={1}>
        <Gauge
          name={words.seats.title}
          whole={quantity}
          parts={[{ name: words.seats.used, value: used, color: 'evergreen', shown: String(used) }]}
          left={`${words.seats.free}: ${String(free)}`}
        />
        <SimpleGrid cols={{ base: 2, xs: 3 }} spacing="sm">
          <Figure name={words.seats.quantity} value={String(quantity)} />
          <Figure name={words.seats.awaiting} value={String(awaitingRemoval)} />
          <PriceOfSeat account={account} catalog={catalog} />
        </SimpleGrid>
        {awaitingRemoval > 0 && account.cycle !== null && (
          <Text size="sm">{words.seats.ends(awaitingRemoval, day(account.cycle.end))}</Text>
        )}
        <Group gap="xs">
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={adding.open}>
            {words.seats.add}
          </Button>
          <Button variant="default" leftSection={<IconMinus size={16} aria-hidden />} onClick={removing.open}>
            {words.seats.remove}
          </Button>
        </Group>
      </Stack>
      {isAdding && <AddSeats account={account} seats={seats} onClose={adding.close} />}
      {isRemoving && <RemoveSeats account={account} seats={seats} members={members} onClose={removing.close} />}
    </Panel>
  );
}

function PriceOfSeat({ account, catalog }: Pick<SeatsPanelProps, 'account' | 'catalog'>): ReactElement | null {
  const price = seatPrice(account, catalog);
  if (price === null || account.interval === null) return null;
  const per = words.seats.perInterval[account.interval];
  return <Figure name={words.seats.price} value={`${money(price, account.currency)} ${per}`} />;
}

function Figure({ name, value }: { readonly name: string; readonly value: string }): ReactElement {
  return (
    <Stack gap={0}>
      <Text size="xs" c="dimmed">
        {name}
      </Text>
      <Text fw={600} className="figures">
        {value}
      </Text>
    </Stack>
  );
}
