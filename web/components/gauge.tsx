import { Group, Progress, Stack, Text } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';

export interface GaugePart {
  readonly name: string;
  readonly value: number;
  readonly color: string;
  /** The value with its unit. */
  readonly shown: string;
}

interface GaugeProps {
  readonly name: string;
  /** What full is, in the parts' unit. */
  readonly whole: number;
  readonly parts: readonly GaugePart[];
  readonly left?: ReactNode;
}

/** How much of something is used; every part is said in words too, so that no colour carries meaning alone. */
export function Gauge({ name, whole, parts, left }: GaugeProps): ReactElement {
  return (
    <Stack gap={6}>
      <Progress.Root size="lg" radius="xl" aria-label={name}>
        {parts.map((part) => (
          <Progress.Section
            key={part.name}
            value={whole <= 0 ? 0 : Math.min(100, (part.value / whole) * 100)}
            color={part.color}
            aria-label={`${part.name}: ${part.shown}`}
          />
        ))}
      </Progress.Root>
      <Group gap="md" justify="space-between">
        <Group gap="md">
          {parts.map((part) => (
            <Group key={part.name} gap={6} wrap="nowrap">
              <span
                aria-hidden
                style={{
                  width: 10,
                  height: 10,
                  borderRadius: 3,
                  background: `var(--mantine-color-${part.color}-filled)`,
                }}
              />
              <Text size="sm">
                {part.name}: <strong className="figures">{part.shown}</strong>
              </Text>
            </Group>
          ))}
        </Group>
        {left !== undefined && (
          <Text size="sm" c="dimmed" component="div">
            {left}
          </Text>
        )}
      </Group>
    </Stack>
  );
}
