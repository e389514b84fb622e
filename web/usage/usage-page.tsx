import type { ReactElement } from 'react';

import { PageHead } from '../pieces/page-head.tsx';

export function UsagePage(): ReactElement {
  return <PageHead title="Usage" />;
}
