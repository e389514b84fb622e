import { Stack, Text, TextInput } from '@mantine/core';
import { type ReactElement, useState } from 'react';

import { api, type Schemas } from '../api/client.ts';
import { useCommand } from '../api/use-command.ts';
import { money, parseMoney, typedMoney, unitsFor } from '../format/money.ts';
import { quantity } from '../format/quantity.ts';
import { ConfirmAct } from '../pieces/confirm-act.tsx';
import { words } from '../words/billing.ts';
import type { Account } from './subscription-price.ts';

interface CapDialogProps {
  readonly onClose: () => void;
  readonly name: string;
  readonly meter: Schemas['Meter'];
  readonly account: Account;
}

/** The most that overage may cost: what it buys, and what raising or lowering it does, before it is set (CRE-7, CRE-8). */
export function CapDialog({ onClose, name, meter, account }: CapDialogProps): ReactElement {
  const { accountId, currency } = account;
  const [typed, setTyped] = useState(typedMoney(meter.capCents ?? 0, currency));
  const capCents = parseMoney(typed, currency);
  const command = useCommand(
    accountId,
    (cents: number, header) =>
      api.PUT('/v1/accounts/{account}/caps/{meter}', {
        params: { path: { account: accountId, meter: name }, header },
        body: { capCents: cents },
      }),
    { onDone: onClose },
  );
  return (
    <ConfirmAct
      title={words.cap.title}
      onClose={onClose}
      confirmLabel={words.cap.save}
      onConfirm={() => {
        if (capCents !== null) command.mutate(capCents);
      }}
      isReady={capCents !== null}
      isPending={command.isPending}
      problem={command.error}
    >
      <TextInput
        data-autofocus
        label={words.cap.label(meter.unit, currency.toUpperCase())}
        description={words.cap.help}
        inputMode="decimal"
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
        }}
        error={capCents === null ? words.cap.invalid : null}
      />
      {capCents !== null && <Meaning capCents={capCents} meter={meter} currency={currency} />}
    </ConfirmAct>
  );
}

function Meaning({
  capCents,
  meter,
  currency,
}: {
  readonly capCents: number;
  readonly meter: Schemas['Meter'];
  readonly currency: string;
}): ReactElement {
  const { rate, unit, overageCents } = meter;
  const units = unitsFor(capCents, rate);
  const isLowered = capCents < overageCents;
  const sentences = [
    units === 0 ? words.cap.worthNothing : words.cap.worth(quantity(units, unit)),
    words.cap.most(money(Math.max(capCents, overageCents), currency)),
    ...(overageCents > 0 ? [words.cap.accrued(money(overageCents, currency))] : []),
    isLowered ? words.cap.lowers : words.cap.raises,
  ];
  return (
    <Stack gap={4} aria-live="polite">
      {sentences.map((sentence) => (
        <Text key={sentence} size="sm">
          {sentence}
        </Text>
      ))}
    </Stack>
  );
}
