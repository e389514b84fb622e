import { type ReactElement, type ReactNode, useEffect, useRef, useState } from 'react';

import { placeAbove } from './beside.ts';
import classes from './hint.module.css';

interface HintProps {
  readonly label: string;
  /** Of the element that says it, for whoever is described by it. */
  readonly id?: string;
  readonly children: ReactNode;
}

/**
 * A word beside what is pointed at or has the keyboard's focus; Escape takes it away. In the browser's top layer, so that nothing cuts it off,
 * and without a library that places it: every page would wait for that.
 */
export function Hint({ label, id, children }: HintProps): ReactElement {
  const [isShown, show] = useState(false);
  const target = useRef<HTMLSpanElement>(null);
  const hint = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (!isShown || target.current === null || hint.current === null) return;
    const shown = hint.current;
    shown.showPopover();
    placeAbove(target.current.getBoundingClientRect(), shown);
    const leave = (event: Event): void => {
      if (!(event instanceof KeyboardEvent) || event.key === 'Escape') show(false);
    };
    window.addEventListener('keydown', leave);
    window.addEventListener('scroll', leave, true);
    return () => {
      shown.hidePopover();
      window.removeEventListener('keydown', leave);
      window.removeEventListener('scroll', leave, true);
    };
  }, [isShown]);
  return (
    <span
      ref={target}
      className={classes['target']}
      onPointerEnter={(event) => {
        // A finger points by pressing, and then it is done.
        if (event.pointerType !== 'touch') show(true);
      }}
      onPointerLeave={() => {
        show(false);
      }}
      onFocus={(event) => {
        show(event.target.matches(':focus-visible'));
      }}
      onBlur={() => {
        show(false);
      }}
      onClick={() => {
        show(false);
      }}
    >
      {children}
      <span ref={hint} id={id} popover="manual" role="tooltip" className={classes['hint']}>
        {label}
      </span>
    </span>
  );
}
