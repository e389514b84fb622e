import type { ReactElement } from 'react';

import { PageHead } from '../pieces/page-head.tsx';

export function BudgetsPage(): ReactElement {
  return <PageHead title="Budgets" />;
}
