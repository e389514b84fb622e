import type { ReactElement } from 'react';

import { PageHead } from '../pieces/page-head.tsx';

export function MembersPage(): ReactElement {
  return <PageHead title="Members" />;
}
