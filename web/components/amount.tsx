import { Text, type TextProps } from '@mantine/core';
import type { ReactElement } from 'react';

import { money } from '../format/money.ts';

interface AmountProps extends TextProps {
  readonly minor: number;
  readonly currency: string;
}

/** An amount of money with its currency. */
export function Amount({ minor, currency, ...text }: AmountProps): ReactElement {
  return (
    <Text component="span" className="figures" {...text}>
      {money(minor, currency)}
    </Text>
  );
}
