import { Badge, type MantineColor } from '@mantine/core';
import {
  IconAlertTriangle,
  IconBan,
  IconCircleCheck,
  IconCircleDashed,
  IconClock,
  IconFileText,
  IconHourglass,
} from '@tabler/icons-react';
import type { ReactElement } from 'react';

import { statusWord } from '../words/status.ts';

type Icon = typeof IconClock;

/** A colour, and a sign that says the same without it. */
const LOOKS: Readonly<Record<string, readonly [MantineColor, Icon]>> = {
  trialing: ['blue', IconHourglass],
  free: ['gray', IconCircleCheck],
  active: ['evergreen', IconCircleCheck],
  past_due: ['red', IconAlertTriangle],
  blocked: ['red', IconBan],
  canceled: ['gray', IconCircleDashed],
  draft: ['gray', IconCircleDashed],
  open: ['yellow', IconClock],
  paid: ['evergreen', IconCircleCheck],
  void: ['gray', IconBan],
  uncollectible: ['red', IconAlertTriangle],
  carried: ['blue', IconFileText],
  enabled: ['evergreen', IconCircleCheck],
  disabled: ['gray', IconBan],
};

/** An account's phase, an invoice's status, a member's state. */
export function StatusBadge({ status }: { readonly status: string }): ReactElement {
  const [color, Sign] = LOOKS[status] ?? (['gray', IconCircleDashed] as const);
  return (
    <Badge color={color} variant="outline" leftSection={<Sign size={14} aria-hidden />}>
      {statusWord(status)}
    </Badge>
  );
}
