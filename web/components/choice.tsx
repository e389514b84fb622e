import { Badge, Group, Radio, Stack, Text } from '@mantine/core';
import type { ReactElement } from 'react';

import classes from './choice.module.css';

interface ChoiceProps {
  readonly value: string;
  readonly title: string;
  /** What it costs, or another short figure, on the right. */
  readonly aside?: string;
  readonly text?: string | null;
  readonly mark?: string | null;
}

/** One of several, as a card: for use within a Radio.Group. */
export function Choice({ value, title, aside, text, mark }: ChoiceProps): ReactElement {
  return (
    <Radio.Card value={value} className={classes['choice']}>
      <Group wrap="nowrap" align="flex-start" gap="sm">
        <Radio.Indicator mt={2} />
        <Stack gap={2} flex={1}>
          <Group justify="space-between" gap="xs">
            <Group gap="xs">
              <Text fw={600} size="sm">
                {title}
              </Text>
              {mark != null && (
                <Badge variant="outline" size="sm">
                  {mark}
                </Badge>
              )}
            </Group>
            {aside !== undefined && (
              <Text size="sm" className="figures">
                {aside}
              </Text>
            )}
          </Group>
          {text != null && (
            <Text size="sm" c="dimmed">
              {text}
            </Text>
          )}
        </Stack>
      </Group>
    </Radio.Card>
  );
}
