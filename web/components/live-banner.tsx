import { Alert } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import type { ReactElement } from 'react';

import type { Liveness } from '../api/live.ts';
import { words } from '../words/shell.ts';

interface LiveBannerProps {
  readonly liveness: Liveness;
  /** What to do when the session is over. */
  readonly over: string;
}

/** Says when what is shown may be old, until it is not any more. */
export function LiveBanner({ liveness, over }: LiveBannerProps): ReactElement | null {
  if (liveness !== 'lost' && liveness !== 'over') return null;
  return (
    <Alert role="status" color="yellow" mb="md" icon={<IconPlugConnectedX aria-hidden />}>
      {liveness === 'lost' ? words.live.lost : `${words.states.sessionOver} ${over}`}
    </Alert>
  );
}
