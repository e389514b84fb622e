import { ColorSwatch, Group, Text } from '@mantine/core';
import type { ReactElement } from 'react';

import { quantity } from '../format/quantity.ts';
import type { Series } from './figures.ts';

/** What each colour stands for, with how much it was in all. */
export function Legend({ series, unit }: { readonly series: readonly Series[]; readonly unit: string }): ReactElement {
  return (
    <Group gap="md">
      {series.map(({ name, label, color, units }) => (
        <Group key={name} gap={6} wrap="nowrap">
          <ColorSwatch
            size={12}
            radius={3}
            withShadow={false}
            color={`var(--mantine-color-${color.replace('.', '-')})`}
            aria-hidden
          />
          <Text size="sm">
            {label}: <strong className="figures">{quantity(units, unit)}</strong>
          </Text>
        </Group>
      ))}
    </Group>
  );
}
