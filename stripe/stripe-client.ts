import Stripe from 'stripe';

export interface StripeConnection {
  /** A secret key; one that begins with `sk_test_` also works with the sandbox. */
  readonly apiKey: string;
  /** `http://127.0.0.1:12111` for the sandbox; null for Stripe itself. */
  readonly apiBase: string | null;
  /** How long one request may take. */
  readonly timeoutMs?: number;
  /** How often the SDK itself repeats a request, under the same idempotency key, before the caller hears of it. */
  readonly maxNetworkRetries?: number;
}

/** Below the 30 s that an activity has, so that a request times out before the activity does. */
const TIMEOUT_MS = 20_000;
/** Two quick repeats bridge a lost connection; longer outages are Temporal's to wait for. */
const MAX_NETWORK_RETRIES = 2;

/** The unmodified SDK, pointed at Stripe or at the sandbox. */
export function createStripeClient(connection: StripeConnection): Stripe {
  const { apiKey, apiBase, timeoutMs = TIMEOUT_MS, maxNetworkRetries = MAX_NETWORK_RETRIES } = connection;
  return new Stripe(apiKey, {
    timeout: timeoutMs,
    maxNetworkRetries,
    telemetry: false,
    appInfo: { name: 'Perennial' },
    ...(apiBase === null ? {} : addressOf(apiBase)),
  });
}

function addressOf(apiBase: string): { host: string; port: string; protocol: 'http' | 'https' } {
  const url = new URL(apiBase);
  const protocol = url.protocol === 'http:' ? 'http' : 'https';
  const port = url.port === '' ? (protocol === 'http' ? '80' : '443') : url.port;
  return { host: url.hostname, port, protocol };
}
