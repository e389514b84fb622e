import type { ReactElement } from 'react';

import { PageHead } from '../pieces/page-head.tsx';

export function InvoicePage(): ReactElement {
  return <PageHead title="Invoice" />;
}
