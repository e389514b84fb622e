const GAP_PX = 6;

/** Puts what is in the browser's top layer above a target, in its middle; below it where there is no room. */
export function placeAbove(target: DOMRect, shown: HTMLElement): void {
  const { width, height } = shown.getBoundingClientRect();
  const above = target.top - height - GAP_PX;
  place(shown, {
    top: above < GAP_PX ? target.bottom + GAP_PX : above,
    left: target.left + (target.width - width) / 2,
  });
}

/** Below a target, to its end; above it where there is no room. */
export function placeBelow(target: DOMRect, shown: HTMLElement): void {
  const { width, height } = shown.getBoundingClientRect();
  const below = target.bottom + GAP_PX;
  const isRoom = below + height + GAP_PX <= window.innerHeight;
  place(shown, { top: isRoom ? below : target.top - height - GAP_PX, left: target.right - width });
}

/** Within the window, whatever is asked for. */
function place(shown: HTMLElement, { top, left }: { readonly top: number; readonly left: number }): void {
  const { width, height } = shown.getBoundingClientRect();
  shown.style.top = `${String(within(top, window.innerHeight - height))}px`;
  shown.style.left = `${String(within(left, window.innerWidth - width))}px`;
}

function within(at: number, room: number): number {
  return Math.max(GAP_PX, Math.min(at, room - GAP_PX));
}
