import { Button, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { AccountLink } from '../components/account-links.tsx';
import { money } from '../format/money.ts';
import { quantity } from '../format/quantity.ts';
import { AllowanceGauge } from '../components/allowance-gauge.tsx';
import { lazyDialog } from '../components/lazy-dialog.tsx';
import { Panel } from '../components/panel.tsx';
import { words } from '../words/billing.ts';
import { meterWord } from '../words/meters.ts';
import { ForecastNote } from './forecast-note.tsx';
import { OverageGauge } from './overage-gauge.tsx';
import type { Account } from './subscription-price.ts';

const CapDialog = lazyDialog(async () => (await import('./cap-dialog.tsx')).CapDialog);

interface MeterPanelProps {
  readonly name: string;
  readonly meter: Schemas['Meter'];
  readonly account: Account;
}

/** What is used of what the plan includes, what goes beyond, and what that can cost. */
export function MeterPanel({ name, meter, account }: MeterPanelProps): ReactElement {
  const [opened, { open, close }] = useDisclosure(false);
  const isCapped = meter.isPool && account.subscription !== null && account.closedAt === undefined;
  return (
    <Panel
      title={meterWord(name)}
      hint={words.credits.ofIncluded(quantity(meter.included, meter.unit))}
      actions={
        isCapped && (
          <Button variant="default" size="xs" onClick={open}>
            {words.credits.changeCap}
          </Button>
        )
      }
    >
      <Stack gap="lg">
        <AllowanceGauge meter={meter} />
        {meter.isPool ? <OverageGauge meter={meter} account={account} /> : <Beyond meter={meter} account={account} />}
        <ForecastNote meter={meter} account={account} />
        {meter.trial > 0 && (
          <Text size="sm" c="dimmed">
            {words.credits.trial(quantity(meter.trial, meter.unit))}
          </Text>
        )}
      </Stack>
      {isCapped && opened && <CapDialog onClose={close} name={name} meter={meter} account={account} />}
    </Panel>
  );
}

/** What was used beyond the allowance, so far; its ceiling is the budget's page. */
function Beyond({ meter, account }: Omit<MeterPanelProps, 'name'>): ReactElement {
  const { overage, overageCents, unit } = meter;
  return (
    <Stack gap={6}>
      {overage > 0 && (
        <Text size="sm">{words.credits.beyond(quantity(overage, unit), money(overageCents, account.currency))}</Text>
      )}
      <AccountLink page="budgets" size="sm">
        {words.credits.budgets}
      </AccountLink>
    </Stack>
  );
}
