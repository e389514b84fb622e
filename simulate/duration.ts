const DURATION = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/;
const SECONDS_PER = [86_400, 3600, 60, 1];

/** `30d`, `12h`, `5m`, `10s` or several of them in that order, in seconds; null for anything else, and for 0. */
export function parseDurationSeconds(text: unknown): number | null {
  const match = typeof text === 'string' ? DURATION.exec(text) : null;
  if (match === null) return null;
  const seconds = SECONDS_PER.reduce((sum, perUnit, index) => sum + perUnit * Number(match[index + 1] ?? 0), 0);
  return Number.isSafeInteger(seconds) && seconds > 0 ? seconds : null;
}
