import { NumberInput } from '@mantine/core';
import type { ReactElement } from 'react';

interface SeatCountProps {
  readonly label: string;
  readonly description: string;
  readonly value: number;
  readonly most: number;
  readonly onChange: (count: number) => void;
}

/** How many seats, one at least; what is no such number is not taken. */
export function SeatCount({ value, most, onChange, ...input }: SeatCountProps): ReactElement {
  return (
    <NumberInput
      {...input}
      value={value}
      onChange={(typed) => {
        if (typeof typed === 'number' && Number.isInteger(typed) && typed >= 1) onChange(typed);
      }}
      min={1}
      max={most}
      clampBehavior="strict"
      allowDecimal={false}
      allowNegative={false}
      maw={220}
      data-autofocus
    />
  );
}
