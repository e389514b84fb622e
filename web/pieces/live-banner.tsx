import { Alert } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import type { ReactElement } from 'react';

import type { Liveness } from '../api/live.ts';
import { words } from '../words/shell.ts';

/** Says when what is shown may be old, until it is not any more. */
export function LiveBanner({ liveness }: { readonly liveness: Liveness }): ReactElement | null {
  if (liveness !== 'lost') return null;
  return (
    <Alert role="status" color="yellow" mb="md" icon={<IconPlugConnectedX aria-hidden />}>
      {words.live.lost}
    </Alert>
  );
}
