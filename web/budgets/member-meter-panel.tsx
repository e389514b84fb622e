import { Stack, Text } from '@mantine/core';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { quantity } from '../format/quantity.ts';
import { day } from '../format/time.ts';
import { AllowanceGauge } from '../components/allowance-gauge.tsx';
import { Panel } from '../components/panel.tsx';
import { words } from '../words/budgets.ts';
import { meterWord } from '../words/meters.ts';
import { MeterState } from './meter-state.tsx';

/** As a member sees it: in units, without amounts (SEA-17). */
export function MemberMeterPanel({
  name,
  meter,
}: {
  readonly name: string;
  readonly meter: Schemas['MeterForMembers'];
}): ReactElement {
  const { included, unit, overage, renewsAt } = meter;
  return (
    <Panel title={meterWord(name)} hint={words.included(quantity(included, unit))}>
      <Stack gap="md">
        {/* That jobs run depends on who starts them: the banner says so. */}
        {meter.refused !== null && <MeterState meter={meter} />}
        <AllowanceGauge meter={meter} />
        <Text size="sm">{overage === 0 ? words.overage.none : words.overage.units(quantity(overage, unit))}</Text>
        <Text size="sm" c="dimmed">
          {words.rule.member(renewsAt === null ? '' : day(renewsAt))}
        </Text>
      </Stack>
    </Panel>
  );
}
