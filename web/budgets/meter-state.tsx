import { Group, Text } from '@mantine/core';
import { IconBan, IconCircleCheck } from '@tabler/icons-react';
import type { ReactElement } from 'react';

import type { Schemas } from '../api/client.ts';
import { words } from '../words/budgets.ts';

/** Whether a new job would run now: the page's question, in two words and a sign. */
export function MeterState({ meter: { refused } }: { readonly meter: Schemas['MeterForMembers'] }): ReactElement {
  const Sign = refused === null ? IconCircleCheck : IconBan;
  return (
    <Group gap={6} wrap="nowrap">
      <Sign size={20} aria-hidden />
      <Text fw={600}>{refused === null ? words.open : words.refused}</Text>
    </Group>
  );
}
