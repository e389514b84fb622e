import { useCallback, useState } from 'react';

import { THEN } from './use-card-page.ts';

interface Handlers {
  readonly open: () => void;
  readonly close: () => void;
}

/** Whether a dialog is open: also when the address says that it was, before one went to Stripe's page. */
export function useReopened(name: string): readonly [boolean, Handlers] {
  const [opened, setOpened] = useState(() => new URLSearchParams(window.location.search).get(THEN) === name);
  const open = useCallback(() => {
    setOpened(true);
  }, []);
  const close = useCallback(() => {
    setOpened(false);
    const url = new URL(window.location.href);
    url.searchParams.delete(THEN);
    window.history.replaceState(window.history.state, '', url);
  }, []);
  return [opened, { open, close }];
}
