import type { ReactElement } from 'react';

import { PageHead } from '../pieces/page-head.tsx';

export function ReconciliationPage(): ReactElement {
  return <PageHead title="Reconciliation" />;
}
