import { Badge, type MantineColor } from '@mantine/core';
import {
  IconAlertTriangle,
  IconArmchairOff,
  IconBan,
  IconCircleCheck,
  IconCircleDashed,
  IconClock,
  IconFileText,
  IconHourglass,
  IconMail,
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
  pending: ['yellow', IconClock],
  refunded: ['evergreen', IconCircleCheck],
  credited: ['evergreen', IconCircleCheck],
  failed: ['red', IconAlertTriangle],
  running: ['blue', IconHourglass],
  done: ['evergreen', IconCircleCheck],
  enabled: ['evergreen', IconCircleCheck],
  disabled: ['gray', IconBan],
  no_seat: ['yellow', IconArmchairOff],
  member_disabled: ['gray', IconBan],
  seat_removed: ['orange', IconArmchairOff],
  invited: ['blue', IconMail],
  leaving: ['orange', IconClock],
  on: ['evergreen', IconCircleCheck],
  off: ['gray', IconCircleDashed],
};

/** An account's phase, an invoice's status, a member's state. */
export function StatusBadge({ status }: { readonly status: string }): ReactElement {
  const [color, Sign] = LOOKS[status] ?? (['gray', IconCircleDashed] as const);
  return (
    <Badge
      color={color}
      variant="outline"
      leftSection={<Sign size={14} aria-hidden />}
      // A status that is cut off says nothing.
      miw="max-content"
    >
      {statusWord(status)}
    </Badge>
  );
}
