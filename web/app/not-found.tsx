import type { ReactElement } from 'react';

import { Notice } from '../pieces/notice.tsx';
import { words } from '../words/not-found.ts';

export function NotFound(): ReactElement {
  return <Notice title={words.title} text={words.text} />;
}
