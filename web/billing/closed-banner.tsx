import { Alert } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import type { ReactElement } from 'react';

import type { AccountView } from '../api/queries.ts';
import { day } from '../format/time.ts';
import { words } from '../words/billing.ts';

export function ClosedBanner({ account }: { readonly account: AccountView }): ReactElement | null {
  const { closedAt } = account;
  if (closedAt === undefined) return null;
  return (
    <Alert color="gray" variant="outline" icon={<IconLock aria-hidden />} title={words.closed.title}>
      {words.closed.text(day(closedAt))}
    </Alert>
  );
}
