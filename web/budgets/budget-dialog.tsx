import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { type ReactElement, useState } from 'react';

import { api, type Schemas } from '../api/client.ts';
import { useCommand } from '../api/use-command.ts';
import { money, parseMoney, typedMoney, unitsFor } from '../format/money.ts';
import { quantity } from '../format/quantity.ts';
import { Dialog } from '../pieces/dialog.tsx';
import { Refused } from '../pieces/refused.tsx';
import { words as shellWords } from '../words/shell.ts';
import { words } from '../words/budgets.ts';

interface BudgetDialogProps {
  readonly onClose: () => void;
  readonly name: string;
  readonly meter: Schemas['Meter'];
  readonly account: Schemas['Account'];
}

/** Sets, changes or removes the budget of one meter, and says first what that does (BUD-1, BUD-2). */
export function BudgetDialog({ onClose, name, meter, account }: BudgetDialogProps): ReactElement {
  const { accountId, currency } = account;
  const [typed, setTyped] = useState(meter.capCents === null ? '' : typedMoney(meter.capCents, currency));
  const capCents = parseMoney(typed, currency);
  const command = useCommand(
    accountId,
    (cents: number | null, header) =>
      api.PUT('/v1/accounts/{account}/caps/{meter}', {
        params: { path: { account: accountId, meter: name }, header },
        body: { capCents: cents },
      }),
    { onDone: onClose },
  );
  return (
    <Dialog title={words.dialog.title} onClose={onClose} isPending={command.isPending}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (capCents !== null) command.mutate(capCents);
        }}
      >
        <Stack gap="md">
          <TextInput
            data-autofocus
            label={words.dialog.label(meter.unit, currency.toUpperCase())}
            description={words.dialog.help}
            inputMode="decimal"
            value={typed}
            onChange={(event) => {
              setTyped(event.currentTarget.value);
            }}
            error={typed !== '' && capCents === null ? words.dialog.invalid : null}
          />
          <Meaning capCents={capCents} meter={meter} currency={currency} />
          <Refused problem={command.error} />
          <Group justify="space-between">
            {meter.capCents === null ? (
              <span />
            ) : (
              <Button
                variant="default"
                disabled={command.isPending}
                onClick={() => {
                  command.mutate(null);
                }}
              >
                {words.dialog.remove}
              </Button>
            )}
            <Group gap="xs">
              <Button variant="default" onClick={onClose} disabled={command.isPending}>
                {shellWords.cancel}
              </Button>
              <Button type="submit" loading={command.isPending} disabled={capCents === null}>
                {words.dialog.save}
              </Button>
            </Group>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

interface MeaningProps {
  readonly capCents: number | null;
  readonly meter: Schemas['Meter'];
  readonly currency: string;
}

function Meaning({ capCents, meter, currency }: MeaningProps): ReactElement {
  const { rate, unit, overageCents } = meter;
  const units = capCents === null ? 0 : unitsFor(capCents, rate);
  const chosen =
    capCents === null
      ? []
      : [
          units === 0 ? words.dialog.worthNothing : words.dialog.worth(quantity(units, unit)),
          capCents < overageCents ? words.dialog.lowers : words.dialog.raises,
        ];
  const sentences = [
    ...chosen,
    ...(overageCents > 0 ? [words.dialog.accrued(money(overageCents, currency))] : []),
    ...(meter.capCents === null ? [] : [words.dialog.removes]),
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
