import type { ReactElement } from 'react';

import { PageHead } from '../pieces/page-head.tsx';

export function BillingPage(): ReactElement {
  return <PageHead title="Billing" />;
}
