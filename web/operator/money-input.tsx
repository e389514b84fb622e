import { TextInput } from '@mantine/core';
import type { ReactElement } from 'react';

import { parseMoney } from '../format/money.ts';
import { words } from '../words/operator-money.ts';

interface MoneyInputProps {
  readonly label: string;
  readonly description?: string;
  readonly currency: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly isOptional?: true;
}

/** An amount as it is typed; what is none is said at once. */
export function MoneyInput({ currency, value, onChange, isOptional, ...input }: MoneyInputProps): ReactElement {
  const isWrong = value.trim() !== '' && parseMoney(value, currency) === null;
  return (
    <TextInput
      {...input}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      inputMode="decimal"
      placeholder="0.00"
      value={value}
      onChange={(event) => {
        onChange(event.currentTarget.value);
      }}
      error={isWrong ? words.wrongAmount : null}
      required={isOptional !== true}
    />
  );
}
