import { Radio, Stack } from '@mantine/core';
import type { ReactElement } from 'react';

import { words } from '../words/operator-money.ts';

export type Destination = 'card' | 'balance';

const DESTINATIONS: readonly Destination[] = ['card', 'balance'];

interface CreditDestinationProps {
  readonly to: Destination;
  readonly onChange: (to: Destination) => void;
}

export function CreditDestination({ to, onChange }: CreditDestinationProps): ReactElement {
  return (
    <Radio.Group
      label={words.credit.to}
      value={to}
      onChange={(value) => {
        onChange(value === 'balance' ? 'balance' : 'card');
      }}
    >
      <Stack gap="xs" mt={4}>
        {DESTINATIONS.map((destination) => (
          <Radio
            key={destination}
            value={destination}
            label={words.credit.destination[destination]}
            description={words.credit.destinationWhat[destination]}
          />
        ))}
      </Stack>
    </Radio.Group>
  );
}
