import { Stack, Text } from '@mantine/core';
import { type ReactElement, useState } from 'react';

import { api, type Schemas } from '../api/client.ts';
import { useCommand } from '../api/use-command.ts';
import { typedMoney } from '../format/money.ts';
import { amountIn } from './read-money.ts';
import { ConfirmAct } from './confirm-act.tsx';
import { MoneyField } from './money-field.tsx';

interface SetCapProps {
  readonly onClose: () => void;
  /** The meter's, and what there is of it. */
  readonly name: string;
  readonly meter: Schemas['Meter'];
  readonly account: Schemas['Account'];
  readonly words: {
    readonly title: string;
    readonly label: (unit: string, currency: string) => string;
    readonly help: string;
    readonly save: string;
  };
  /** What is typed where no cap is set. */
  readonly none: string;
  /** What the amount means that is typed, in sentences; null while it is none. */
  readonly meaning: (capCents: number | null) => readonly string[];
  /** What the button is called that removes it, where it can be. */
  readonly removeLabel?: string;
}

/** The most that use beyond what is included may cost, and what that means before it is set (CRE-8, BUD-2). */
export function SetCap(props: SetCapProps): ReactElement {
  const { onClose, name, meter, words, removeLabel } = props;
  const { accountId, currency } = props.account;
  const [typed, setTyped] = useState(meter.capCents === null ? props.none : typedMoney(meter.capCents, currency));
  const capCents = amountIn(typed, { currency });
  const command = useCommand(
    accountId,
    (cents: number | null, header) =>
      api.PUT('/v1/accounts/{account}/caps/{meter}', {
        params: { path: { account: accountId, meter: name }, header },
        body: { capCents: cents },
      }),
    { onDone: onClose },
  );
  const remove = (): void => {
    command.mutate(null);
  };
  return (
    <ConfirmAct
      title={words.title}
      onClose={onClose}
      confirmLabel={words.save}
      onConfirm={() => {
        if (capCents !== null) command.mutate(capCents);
      }}
      isReady={capCents !== null}
      isPending={command.isPending}
      problem={command.error}
      {...(removeLabel === undefined ? {} : { other: { label: removeLabel, onAct: remove } })}
    >
      <MoneyField
        data-autofocus
        label={words.label(meter.unit, currency.toUpperCase())}
        description={words.help}
        currency={currency}
        value={typed}
        onChange={setTyped}
      />
      <Stack gap={4} aria-live="polite">
        {props.meaning(capCents).map((sentence) => (
          <Text key={sentence} size="sm">
            {sentence}
          </Text>
        ))}
      </Stack>
    </ConfirmAct>
  );
}
