import type { ReactElement } from 'react';

import { PageHead } from '../pieces/page-head.tsx';

export function ActivityPage(): ReactElement {
  return <PageHead title="Activity" />;
}
