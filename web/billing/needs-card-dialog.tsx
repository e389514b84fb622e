import { Button, Group, Stack, Text } from '@mantine/core';
import type { ReactElement } from 'react';

import { money } from '../format/money.ts';
import { Dialog } from '../components/dialog.tsx';
import { FactList } from '../components/fact-list.tsx';
import { Refused } from '../components/refused.tsx';
import { words as shellWords } from '../words/shell.ts';
import { words } from '../words/billing.ts';
import { includedOf } from './changes.ts';
import { type Account, type Catalog, intervalsOf, type Plan, plansForSale } from './subscription-price.ts';
import { useCardPage } from './use-card-page.ts';

interface NeedsCardProps {
  readonly onClose: () => void;
  readonly account: Account;
  readonly catalog: Catalog;
  /** What is open again when one comes back. */
  readonly then: string;
}

/** What is sold, and that a card comes first. */
export function NeedsCardDialog({ onClose, account, catalog, then }: NeedsCardProps): ReactElement {
  const page = useCardPage(account.accountId);
  return (
    <Dialog title={words.subscribe.title} onClose={onClose}>
      <Stack gap="md">
        {plansForSale(catalog).map(([name, plan]) => (
          <Stack key={name} gap="xs">
            <Text fw={600}>{plan.title}</Text>
            <FactList facts={pricesFor(plan, account)} />
          </Stack>
        ))}
        <Text size="sm">{words.subscribe.needsCard}</Text>
        <Refused problem={page.problem} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {shellWords.cancel}
          </Button>
          <Button
            data-autofocus
            loading={page.isOpening}
            onClick={() => {
              page.open(then);
            }}
          >
            {words.card.add}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

function pricesFor(plan: Plan, account: Account): { name: string; value: string }[] {
  const { currency } = account;
  if (plan.packs !== null) {
    return Object.entries(plan.packs).flatMap(([name, { prices, included }]) =>
      intervalsOf(plan, name).map((interval) => ({
        name: includedOf(account, included),
        value: words.subscribe.packPrice(money(prices[interval] ?? 0, currency), words.interval[interval]),
      })),
    );
  }
  return intervalsOf(plan, null).map((interval) => ({
    name: words.every[interval],
    value: words.subscribe.perSeat(money(plan.seats?.prices[interval] ?? 0, currency), words.interval[interval]),
  }));
}
