import type { ReactElement } from 'react';

import { PageHead } from '../pieces/page-head.tsx';

export function AccountOverviewPage(): ReactElement {
  return <PageHead title="Overview" />;
}
