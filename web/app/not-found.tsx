import type { ReactElement } from 'react';

import { NoticeAlone } from '../components/notice-alone.tsx';
import { words } from '../words/not-found.ts';

export function NotFound(): ReactElement {
  return <NoticeAlone title={words.title} text={words.text} />;
}
