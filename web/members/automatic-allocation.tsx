import { Button, Group, NumberInput, Stack, Text } from '@mantine/core';
import { type ReactElement, useState } from 'react';

import { api, type Schemas } from '../api/client.ts';
import { useCommand } from '../api/use-command.ts';
import { money } from '../format/money.ts';
import { ConfirmAct } from '../pieces/confirm-act.tsx';
import { Panel } from '../pieces/panel.tsx';
import { StatusBadge } from '../pieces/status-badge.tsx';
import { words } from '../words/members.ts';
import { seatPrice } from './seat-figures.ts';

interface AllocationProps {
  readonly account: Schemas['Account'];
  readonly catalog: Schemas['Catalog'];
}

type Asked = 'on' | 'off' | 'ceiling';

/** Whether newcomers get a seat by themselves, and what that may cost (SEA-7, SEA-15). */
export function AutomaticAllocation({ account, catalog }: AllocationProps): ReactElement {
  const [asked, setAsked] = useState<Asked | null>(null);
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

function PriceEach({ account, catalog }: AllocationProps): ReactElement | null {
  const price = seatPrice(account, catalog);
  if (price === null || account.interval === null) return null;
  const each = `${money(price, account.currency)} ${words.seats.perInterval[account.interval]}`;
  return <>{words.allocation.price(each)}</>;
}

const TITLES: Readonly<Record<Asked, string>> = {
  on: words.allocation.turnOnTitle,
  off: words.allocation.turnOffTitle,
  ceiling: words.allocation.changeTitle,
};
const CONFIRM: Readonly<Record<Asked, string>> = {
  on: words.allocation.turnOn,
  off: words.allocation.turnOff,
  ceiling: words.allocation.save,
};

function ChangeAllocation({
  account,
  catalog,
  asked,
  onClose,
}: AllocationProps & { readonly asked: Asked; readonly onClose: () => void }): ReactElement {
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
      opened
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
