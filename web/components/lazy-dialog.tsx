import { type ComponentType, type ReactElement, useEffect, useState } from 'react';

import { DialogLoading, DialogNotLoaded } from './dialog-loading.tsx';
import { useFocusBack } from './use-focus-back.ts';

interface Closable {
  readonly onClose: () => void;
}

/**
 * A dialog whose code is loaded when it is first opened: whoever only looks at a page waits for none. It is rendered while it is open and not
 * otherwise, so that nothing of one use is left in the next.
 */
export function lazyDialog<Props extends Closable>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let loaded: ComponentType<Props> | null = null;
  return function LazyDialog(props: Props): ReactElement {
    const [state, setState] = useState<'loading' | 'failed' | 'loaded'>(loaded === null ? 'loading' : 'loaded');
    useFocusBack();
    useEffect(() => {
      if (loaded !== null) return;
      let isWanted = true;
      const settle = (settled: 'failed' | 'loaded'): void => {
        if (isWanted) setState(settled);
      };
      load().then(
        (dialog) => {
          loaded = dialog;
          settle('loaded');
        },
        () => {
          settle('failed');
        },
      );
      return () => {
        isWanted = false;
      };
    }, []);
    const Dialog = loaded;
    if (state === 'failed') return <DialogNotLoaded onClose={props.onClose} />;
    return Dialog === null ? <DialogLoading onClose={props.onClose} /> : <Dialog {...props} />;
  };
}
