import { ActionIcon } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconHelpCircle } from '@tabler/icons-react';
import type { ReactElement } from 'react';

import { words } from '../words/shell.ts';
import { Hint } from './hint.tsx';
import { lazyDialog } from './lazy-dialog.tsx';
import type { Explained } from './why-dialog.tsx';

const WhyDialog = lazyDialog(async () => (await import('./why-dialog.tsx')).WhyDialog);

/** Opens what an amount is made of (MON-5). */
export function Why(explained: Explained): ReactElement {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Hint label={words.why.open}>
        <ActionIcon size="sm" aria-label={words.why.openFor(explained.what)} aria-haspopup="dialog" onClick={open}>
          <IconHelpCircle size={18} aria-hidden />
        </ActionIcon>
      </Hint>
      {opened && <WhyDialog {...explained} onClose={close} />}
    </>
  );
}
