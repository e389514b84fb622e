import { z } from 'zod';
import { faultRules } from './faults.ts';
import type { Sandbox } from './sandbox.ts';

export interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

const settingsRules = z.strictObject({
  searchLagMs: z.int().min(0).optional(),
  webhookRetryDelaysMs: z.array(z.int().min(0)).optional(),
});

/** `/_sandbox/…`: what Stripe does not have. JSON in, JSON out, no key. */
export function answerControlRequest(sandbox: Sandbox, method: string, pathname: string, body: string): ControlAnswer {
  switch (`${method} ${pathname.slice('/_sandbox'.length)}`) {
    case 'GET /health':
      return { status: 200, body: { ok: true } };
    case 'GET /state':
      return { status: 200, body: dump(sandbox) };
    case 'POST /reset':
      sandbox.faults.clear();
      sandbox.store.reset();
      return { status: 200, body: { ok: true } };
    case 'GET /faults':
      return { status: 200, body: { faults: sandbox.faults.pending } };
    case 'DELETE /faults':
      sandbox.faults.clear();
      return { status: 200, body: { faults: [] } };
    case 'POST /faults':
      return addFault(sandbox, body);
    case 'POST /forget-idempotency-keys':
      // What Stripe may do after 24 hours.
      sandbox.store.idempotencyKeys.clear();
      sandbox.store.commit();
      return { status: 200, body: { ok: true } };
    case 'POST /settings':
      return changeSettings(sandbox, body);
    default:
      return { status: 404, body: { error: `There is no ${method} ${pathname}; see stripe-sandbox/README.md.` } };
  }
}

function addFault(sandbox: Sandbox, body: string): ControlAnswer {
  const parsed = faultRules.safeParse(readJson(body));
  if (!parsed.success) return { status: 400, body: { error: z.prettifyError(parsed.error) } };
  sandbox.faults.add(parsed.data);
  return { status: 200, body: { faults: sandbox.faults.pending } };
}

function changeSettings(sandbox: Sandbox, body: string): ControlAnswer {
  const parsed = settingsRules.safeParse(readJson(body));
  if (!parsed.success) return { status: 400, body: { error: z.prettifyError(parsed.error) } };
  const { searchLagMs, webhookRetryDelaysMs } = parsed.data;
  if (searchLagMs !== undefined) sandbox.searchLagMs = searchLagMs;
  if (webhookRetryDelaysMs !== undefined) sandbox.webhooks.retryDelaysMs = webhookRetryDelaysMs;
  return {
    status: 200,
    body: { searchLagMs: sandbox.searchLagMs, webhookRetryDelaysMs: sandbox.webhooks.retryDelaysMs },
  };
}

/** Everything that is stored, by collection, oldest first; signing secrets and stored answers are left out. */
function dump(sandbox: Sandbox): Record<string, readonly object[]> {
  const shown = sandbox.store.collections.filter(
    ({ name }) => name !== 'webhook_secrets' && name !== 'idempotency_keys',
  );
  return Object.fromEntries(shown.map((collection) => [collection.name, [...collection.all()]]));
}

function readJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
