import type { ReactElement } from 'react';

import { PageHead } from '../pieces/page-head.tsx';

export function TimeMachinePage(): ReactElement {
  return <PageHead title="Time machine" />;
}
