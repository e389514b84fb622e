import { createHash } from 'node:crypto';
import { ApiError } from './api-error.ts';
import type { IdempotencyRecord } from './records.ts';
import type { Sandbox } from './sandbox.ts';

/** "You can remove keys from the system automatically after they're at least 24 hours old." */
const KEPT_MS = 24 * 3_600_000;
/** "Idempotency keys are up to 255 characters long." */
const MAX_LENGTH = 255;

/** Names the request that a key belongs to: the same parameters in another order are the same request. */
export function fingerprintOf(method: string, path: string, encodedForm: string): string {
  const parameters = encodedForm.split('&').toSorted().join('&');
  return createHash('sha256').update(`${method} ${path}\n${parameters}`).digest('base64');
}

/**
 * What is known under the key: the stored answer to the same request, or null where it was never used. Throws where the
 * key belongs to another request, or to one that is being executed.
 */
export function storedAnswer(sandbox: Sandbox, key: string, fingerprint: string): IdempotencyRecord | null {
  if (key.length > MAX_LENGTH) {
    throw new ApiError(400, {
      type: 'invalid_request_error',
      message: `Idempotency keys must be at most ${String(MAX_LENGTH)} characters long.`,
    });
  }
  if (sandbox.inFlight.has(key)) throw keyInUse(key);
  const stored = sandbox.store.idempotencyKeys.get(key);
  if (stored === undefined) return null;
  if (Date.now() - stored.storedAtMs > KEPT_MS) {
    sandbox.store.idempotencyKeys.delete(key);
    return null;
  }
  if (stored.fingerprint !== fingerprint) {
    throw new ApiError(400, {
      type: 'idempotency_error',
      message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
    });
  }
  return stored;
}

export function keyInUse(key: string): ApiError {
  return new ApiError(409, {
    type: 'invalid_request_error',
    code: 'idempotency_key_in_use',
    message: `There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): ${key}. Please try again later.`,
  });
}
