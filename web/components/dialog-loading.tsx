import { Button, Loader } from '@mantine/core';
import { type ReactElement, type ReactNode, useEffect, useRef } from 'react';

import { words } from '../words/shell.ts';
import classes from './dialog-loading.module.css';
import { Notice } from './notice.tsx';

/** In the place of a dialog whose code is on its way; Escape takes it back. */
export function DialogLoading({ onClose }: { readonly onClose: () => void }): ReactElement {
  return (
    <Frame name={words.states.loading} className={classes['loading']} onClose={onClose}>
      <Loader aria-hidden />
    </Frame>
  );
}

/**
 * In the place of a dialog whose code did not arrive: the connection was lost, or the pages are newer than this one. Browsers remember for as
 * long as a page lives that a script did not come, so that only the whole page can be tried again: once somebody answers.
 */
export function DialogNotLoaded({ onClose }: { readonly onClose: () => void }): ReactElement {
  const reload = (): void => {
    void fetch(window.location.pathname, { cache: 'no-store' }).then(
      () => {
        window.location.reload();
      },
      () => null,
    );
  };
  return (
    <Frame name={words.states.notOpened} onClose={onClose}>
      <Notice
        role="alert"
        title={words.states.notOpened}
        text={words.states.notOpenedWhy}
        action={{ label: words.retry, onClick: reload }}
      >
        <Button variant="default" onClick={onClose}>
          {words.cancel}
        </Button>
      </Notice>
    </Frame>
  );
}

interface FrameProps {
  readonly name: string;
  readonly className?: string | undefined;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** The browser's own dialog, which needs no code: the page behind it is inert, and the keyboard is in it. */
function Frame({ name, className = '', onClose, children }: FrameProps): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal();
  }, []);
  return (
    <dialog ref={dialog} aria-label={name} className={`${classes['frame'] ?? ''} ${className}`} onClose={onClose}>
      {children}
    </dialog>
  );
}
