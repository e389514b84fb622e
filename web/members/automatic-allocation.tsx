import { Button, Group, Stack, Text } from '@mantine/core';
import { type ReactElement, useState } from 'react';

import type { Schemas } from '../api/client.ts';
import { lazyDialog } from '../components/lazy-dialog.tsx';
import { Panel } from '../components/panel.tsx';
import { StatusBadge } from '../components/status-badge.tsx';
import { words } from '../words/members.ts';
import type { AllocationAsked } from './change-allocation.tsx';
import { PriceEach } from './price-each.tsx';

const ChangeAllocation = lazyDialog(async () => (await import('./change-allocation.tsx')).ChangeAllocation);

interface AllocationProps {
  readonly account: Schemas['Account'];
  readonly catalog: Schemas['Catalog'];
}

/** Whether newcomers get a seat by themselves, and what that may cost (SEA-7, SEA-15). */
export function AutomaticAllocation({ account, catalog }: AllocationProps): ReactElement {
  const [asked, setAsked] = useState<AllocationAsked | null>(null);
  const { enabled, ceiling } = account.automaticAllocation;
  return (
    <Panel
      title={words.allocation.title}
      hint={words.allocation.hint}
      actions={<StatusBadge status={enabled ? 'on' : 'off'} />}
    >
      <Stack gap="sm">
        <Text>{enabled ? words.allocation.whenOn : words.allocation.whenOff}</Text>
        {enabled && (
          <Text size="sm">
            {ceiling === null ? words.allocation.noCeiling : words.allocation.ceiling(ceiling)}{' '}
            <PriceEach account={account} catalog={catalog} /> {words.allocation.told}
          </Text>
        )}
        <Group gap="xs">
          {enabled && (
            <Button
              variant="default"
              onClick={() => {
                setAsked('ceiling');
              }}
            >
              {words.allocation.change}
            </Button>
          )}
          <Button
            variant="default"
            onClick={() => {
              setAsked(enabled ? 'off' : 'on');
            }}
          >
            {enabled ? words.allocation.turnOff : words.allocation.turnOn}
          </Button>
        </Group>
      </Stack>
      {asked !== null && (
        <ChangeAllocation
          account={account}
          catalog={catalog}
          asked={asked}
          onClose={() => {
            setAsked(null);
          }}
        />
      )}
    </Panel>
  );
}
