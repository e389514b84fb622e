import { Button, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { money, unitPrice } from '../format/money.ts';
import { quantity } from '../format/quantity.ts';
import { day } from '../format/time.ts';
import { AllowanceGauge } from '../components/allowance-gauge.tsx';
import { Gauge } from '../components/gauge.tsx';
import { lazyDialog } from '../components/lazy-dialog.tsx';
import { Panel } from '../components/panel.tsx';
import { words } from '../words/budgets.ts';
import { meterWord } from '../words/meters.ts';
import { MeterState } from './meter-state.tsx';

const BudgetDialog = lazyDialog(async () => (await import('./budget-dialog.tsx')).BudgetDialog);

interface BudgetPanelProps {
  readonly name: string;
  readonly meter: Schemas['Meter'];
  readonly account: Schemas['Account'];
}

export function BudgetPanel({ name, meter, account }: BudgetPanelProps): ReactElement {
  const [opened, { open, close }] = useDisclosure(false);
  const { included, unit, rate, capCents, renewsAt, refusals } = meter;
  const canSet = rate !== null && account.subscription !== null && account.closedAt === undefined;
  const renews = renewsAt === null ? '' : day(renewsAt);
  const rule =
    rate === null ? words.rule.ends(renews) : capCents === null ? words.rule.noBudget(unit) : words.rule.budget(renews);
  return (
    <Panel
      title={meterWord(name)}
      hint={words.included(quantity(included, unit))}
      actions={
        canSet && (
          <Button size="xs" onClick={open}>
            {capCents === null ? words.set : words.change}
          </Button>
        )
      }
    >
      <Stack gap="lg">
        <MeterState meter={meter} />
        <AllowanceGauge meter={meter} />
        <Overage meter={meter} currency={account.currency} />
        <Text size="sm">{rule}</Text>
        {refusals > 0 && (
          <Text size="sm" c="dimmed">
            {words.refusals(quantity(refusals, words.request))}
          </Text>
        )}
      </Stack>
      {canSet && opened && <BudgetDialog onClose={close} name={name} meter={meter} account={account} />}
    </Panel>
  );
}

function Overage({
  meter,
  currency,
}: {
  readonly meter: Schemas['Meter'];
  readonly currency: string;
}): ReactElement | null {
  const { rate, overage, overageCents, capCents, unit } = meter;
  if (rate === null) return null;
  const text = words.overage;
  const shown = `${money(overageCents, currency)} (${quantity(overage, unit)})`;
  return (
    <Stack gap={6}>
      <Text fw={600} size="sm">
        {text.title}
      </Text>
      {capCents !== null && capCents > 0 ? (
        <Gauge
          name={text.gauge}
          whole={capCents}
          parts={[{ name: text.accrued, value: overageCents, color: 'grape', shown }]}
          left={text.ofBudget(money(Math.max(0, capCents - overageCents), currency), money(capCents, currency))}
        />
      ) : (
        <Text size="sm">
          {overage === 0 ? text.none : text.used(quantity(overage, unit), money(overageCents, currency))}
        </Text>
      )}
      <Text size="sm" c="dimmed">
        {text.rate(unitPrice(rate, currency), unit)}
      </Text>
    </Stack>
  );
}
