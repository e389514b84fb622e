const DAY_MS = 86_400_000;

/** So many months after an instant, clamped to a short month's last day, counted from the same start (CAL-2). */
export function addMonths(instant: string, months: number): string {
  const at = new Date(instant);
  const first = new Date(at);
  first.setUTCDate(1);
  first.setUTCMonth(first.getUTCMonth() + months);
  const days = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(at.getUTCDate(), days));
  return wholeSeconds(first);
}

export function addDays(instant: string, days: number): string {
  return wholeSeconds(new Date(new Date(instant).getTime() + days * DAY_MS));
}

/** In how many months after a start something is: 0 in the first; -1 before it. */
export function monthOf(start: string, instant: string): number {
  let month = -1;
  while (addMonths(start, month + 1) <= instant) month += 1;
  return month;
}

function wholeSeconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
