import { ActionIcon } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { type KeyboardEvent, type ReactElement, type ReactNode, useId, useRef, useState } from 'react';

import classes from './act-menu.module.css';
import { placeBelow } from './beside.ts';

export interface MenuAct {
  readonly label: string;
  readonly icon: ReactNode;
  readonly onAct: () => void;
}

interface ActMenuProps {
  /** What the button is called: it has no words. */
  readonly label: string;
  readonly acts: readonly MenuAct[];
}

/**
 * A button that opens a menu of acts, moved through with the arrow keys (the menu button pattern of WAI-ARIA). The browser's own popover: it is
 * above everything, and a press elsewhere or Escape closes it; no library that places it is waited for.
 */
export function ActMenu({ label, acts }: ActMenuProps): ReactElement {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const close = (): void => {
    menu.current?.hidePopover();
    button.current?.focus({ preventScroll: true });
  };
  return (
    <>
      <ActionIcon
        ref={button}
        id={`${id}-button`}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={id}
        popoverTarget={id}
      >
        <IconDots size={18} aria-hidden />
      </ActionIcon>
      <div
        ref={menu}
        id={id}
        role="menu"
        aria-labelledby={`${id}-button`}
        popover="auto"
        className={classes['menu']}
        onToggle={({ newState }) => {
          setOpen(newState === 'open');
          if (newState !== 'open' || menu.current === null || button.current === null) return;
          placeBelow(button.current.getBoundingClientRect(), menu.current);
          // The browser says so some time after the menu is there: whoever has chosen an item by then keeps it.
          if (!menu.current.contains(document.activeElement)) itemsOf(menu.current)[0]?.focus();
        }}
        onKeyDown={(event) => {
          if (event.key === 'Tab') close();
          else moveFocus(event);
        }}
      >
        {acts.map(({ label: act, icon, onAct }) => (
          <button
            key={act}
            type="button"
            role="menuitem"
            tabIndex={-1}
            className={classes['item']}
            onClick={() => {
              close();
              onAct();
            }}
          >
            {icon}
            {act}
          </button>
        ))}
      </div>
    </>
  );
}

function itemsOf(menu: HTMLElement): readonly HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>('[role="menuitem"]')];
}

/** With the arrow keys around, to the ends, or to what begins with a letter. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const items = itemsOf(event.currentTarget);
  const at = items.findIndex((item) => item === document.activeElement);
  const next = nextOf(event.key, at, items);
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}

function nextOf(key: string, at: number, items: readonly HTMLElement[]): HTMLElement | undefined {
  switch (key) {
    case 'ArrowDown':
      return items[(at + 1) % items.length];
    case 'ArrowUp':
      return items.at(at - 1);
    case 'Home':
      return items[0];
    case 'End':
      return items.at(-1);
    default:
      if (key.length > 1) return undefined;
      return [...items.slice(at + 1), ...items.slice(0, at + 1)].find((item) =>
        item.textContent.toLowerCase().startsWith(key.toLowerCase()),
      );
  }
}
