import { Center } from '@mantine/core';
import type { ReactElement } from 'react';

import { Notice, type NoticeProps } from './notice.tsx';

/** In the place of a whole page. */
export function NoticeAlone(props: Omit<NoticeProps, 'level'>): ReactElement {
  return (
    <Center mih="100vh" p="md" component="main">
      <Notice {...props} level={1} />
    </Center>
  );
}
