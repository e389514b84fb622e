import type { ReactElement } from 'react';

import { PageHead } from '../pieces/page-head.tsx';

export function InvoicesPage(): ReactElement {
  return <PageHead title="Invoices" />;
}
