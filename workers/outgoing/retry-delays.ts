const MINUTE = 60;
const HOUR = 3_600;

/** What is waited after each try that failed, in seconds; after the tenth, it is given up (docs/webhooks.md). */
export const RETRY_DELAYS_SECONDS: readonly number[] = [
  ...[5, 5 * MINUTE, 30 * MINUTE],
  ...[2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR],
];
