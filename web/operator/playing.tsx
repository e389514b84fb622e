import { Button, Group, Progress, Stack, Text } from '@mantine/core';
import { IconPlayerStop } from '@tabler/icons-react';
import type { ReactElement } from 'react';

interface PlayingProps {
  readonly label: string;
  /** How far it is; null where that is not known. */
  readonly part: number | null;
  readonly stop?: { readonly label: string; readonly onStop: () => void };
}

/** The engine is at it: how far, and how to end it. */
export function Playing({ label, part, stop }: PlayingProps): ReactElement {
  return (
    <Stack gap={6} role="status">
      <Group justify="space-between">
        <Text size="sm">{label}</Text>
        {stop !== undefined && (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconPlayerStop size={16} aria-hidden />}
            onClick={stop.onStop}
          >
            {stop.label}
          </Button>
        )}
      </Group>
      <Progress value={part === null ? 100 : part * 100} animated aria-label={label} />
    </Stack>
  );
}
