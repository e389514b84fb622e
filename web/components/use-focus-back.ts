import { useEffect, useState } from 'react';

/** Whoever closes a dialog is where they were when they opened it; for use in what is rendered while it is open. */
export function useFocusBack(): void {
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      const { activeElement } = document;
      const isNowhere = activeElement === null || activeElement === document.body;
      if (isNowhere && opener instanceof HTMLElement) opener.focus({ preventScroll: true });
    },
    [opener],
  );
}
