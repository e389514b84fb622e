import type { ReactElement } from 'react';

import { PageHead } from '../pieces/page-head.tsx';

export function AccountsPage(): ReactElement {
  return <PageHead title="Accounts" />;
}
