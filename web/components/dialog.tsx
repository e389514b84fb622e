import { Modal } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  /** While the server is asked it stays: who closed it would not know how the act ended, and might ask for it twice. */
  readonly isPending?: boolean;
  /** Default `md`. */
  readonly size?: 'lg' | 'xl';
  readonly children: ReactNode;
}

/** Open while it is rendered; pages load what is in it with `lazyDialog`. */
export function Dialog({ title, onClose, isPending = false, size, children }: DialogProps): ReactElement {
  return (
    <Modal opened onClose={isPending ? stay : onClose} title={title} {...(size === undefined ? {} : { size })}>
      {children}
    </Modal>
  );
}

function stay(): void {
  // Until there is an answer.
}
