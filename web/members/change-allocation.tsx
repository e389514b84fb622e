import { NumberInput, Text } from '@mantine/core';
import { type ReactElement, useState } from 'react';

import { api, type Schemas } from '../api/client.ts';
import { useCommand } from '../api/use-command.ts';
import { ConfirmAct } from '../components/confirm-act.tsx';
import { words } from '../words/members.ts';
import { PriceEach } from './price-each.tsx';

export type AllocationAsked = 'on' | 'off' | 'ceiling';

interface ChangeAllocationProps {
  readonly account: Schemas['Account'];
  readonly catalog: Schemas['Catalog'];
  readonly asked: AllocationAsked;
  readonly onClose: () => void;
}

const TITLES: Readonly<Record<AllocationAsked, string>> = {
  on: words.allocation.turnOnTitle,
  off: words.allocation.turnOffTitle,
  ceiling: words.allocation.changeTitle,
};
const CONFIRM: Readonly<Record<AllocationAsked, string>> = {
  on: words.allocation.turnOn,
  off: words.allocation.turnOff,
  ceiling: words.allocation.save,
};

/** Turning it on or off, or another ceiling; each is told what it may cost. */
export function ChangeAllocation({ account, catalog, asked, onClose }: ChangeAllocationProps): ReactElement {
  const { accountId: id, automaticAllocation } = account;
  const [ceiling, setCeiling] = useState<number | ''>(automaticAllocation.ceiling ?? '');
  const setting = useCommand(
    id,
    (body: { readonly enabled: boolean; readonly ceiling: number | null }, header) =>
      api.PUT('/v1/accounts/{account}/automatic-allocation', { params: { path: { account: id }, header }, body }),
    { onDone: onClose },
  );
  return (
    <ConfirmAct
      onClose={onClose}
      title={TITLES[asked]}
      confirmLabel={CONFIRM[asked]}
      onConfirm={() => {
        setting.mutate({ enabled: asked !== 'off', ceiling: ceiling === '' ? null : ceiling });
      }}
      isPending={setting.isPending}
      problem={setting.error}
    >
      <Text size="sm">{asked === 'off' ? words.allocation.whenOff : words.allocation.whenOn}</Text>
      {asked !== 'off' && (
        <>
          <Text size="sm">
            <PriceEach account={account} catalog={catalog} /> {words.allocation.told} {words.allocation.onlyNew}
          </Text>
          <NumberInput
            label={words.allocation.field}
            description={words.allocation.fieldHint}
            value={ceiling}
            onChange={(value) => {
              setCeiling(typeof value === 'number' && value >= 1 ? value : '');
            }}
            min={1}
            allowDecimal={false}
            allowNegative={false}
            maw={220}
            data-autofocus
          />
        </>
      )}
    </ConfirmAct>
  );
}
