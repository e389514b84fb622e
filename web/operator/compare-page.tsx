import type { ReactElement } from 'react';

import { PageHead } from '../pieces/page-head.tsx';

export function ComparePage(): ReactElement {
  return <PageHead title="Compare catalogs" />;
}
