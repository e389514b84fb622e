import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import type { ReactElement } from 'react';

import { money, typedMoney } from '../format/money.ts';
import { readMoney } from './read-money.ts';
import { words } from '../words/money.ts';

interface MoneyFieldProps {
  readonly label?: string;
  /** What it is called where no label stands over it. */
  readonly 'aria-label'?: string;
  readonly description?: string;
  readonly currency: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  /** Whether it is charged as it is typed. */
  readonly isCharged?: boolean;
  readonly isOptional?: boolean;
  /** No amount above it is right. */
  readonly most?: number;
  readonly 'data-autofocus'?: boolean;
  readonly w?: number;
}

/** Who types `1,250` passes `1,2`; what is wrong is said when they have stopped. */
const STOPPED_MS = 400;

/**
 * The field for every amount that a person types: what it was read as stands under it in the account's currency before anything is done with
 * it, and what is refused says how to write it (MON-1).
 */
export function MoneyField(props: MoneyFieldProps): ReactElement {
  const { currency, value, onChange, isCharged = false, isOptional = false, most, description, ...input } = props;
  const [stopped] = useDebouncedValue(value, STOPPED_MS);
  const read = readMoney(value, { currency, isCharged });
  const isTooMuch = read.kind === 'amount' && most !== undefined && read.minor > most;
  const wrong = isTooMuch ? words.atMost(money(most, currency)) : read.kind === 'refused' ? read.why : null;
  return (
    <TextInput
      {...input}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      inputMode="decimal"
      autoComplete="off"
      placeholder={typedMoney(0, currency)}
      value={value}
      onChange={(event) => {
        onChange(event.currentTarget.value);
      }}
      onFocus={(event) => {
        event.currentTarget.select();
      }}
      required={!isOptional}
      error={stopped === value ? wrong : null}
      description={
        <>
          <span aria-live="polite" data-testid="echo" className="figures">
            {read.kind === 'amount' && `= ${money(read.minor, currency)}`}
          </span>
          {description !== undefined && ` ${description}`}
        </>
      }
    />
  );
}
