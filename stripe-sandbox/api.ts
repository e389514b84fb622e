import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, type ApiErrorBody, invalidRequest } from './api-error.ts';
import { checkExpansion, expanded } from './expansion.ts';
import { decodeForm } from './form-decoding.ts';
import { fingerprintOf, keyInUse, storedAnswer } from './idempotency.ts';
import { newId } from './ids.ts';
import { type Route, findRoute } from './routing.ts';
import type { Sandbox } from './sandbox.ts';
import { API_VERSION } from './webhook-endpoints.ts';

export interface ApiRequest {
  readonly method: string;
  readonly pathname: string;
  readonly query: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Whether the client still waits for the answer. */
  readonly isWaiting: () => boolean;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Instead of an answer: the connection is cut, or nothing ever comes. */
export type Lost = 'reset' | 'hang';

/** The versions whose shapes the sandbox speaks: that of the SDK and that of the published document. */
const KNOWN_VERSION = /^2026-\d\d-\d\d\.(dahlia|endive)$/;

/** Takes a request through the stages in which Stripe handles it. */
export async function answerApiRequest(sandbox: Sandbox, request: ApiRequest): Promise<ApiAnswer | Lost> {
  const requestId = newId('req', 14);
  try {
    checkKey(request.headers['authorization']);
    const version = request.headers['stripe-version'] ?? API_VERSION;
    if (!KNOWN_VERSION.test(version)) throw invalidRequest(`Invalid Stripe API version: ${version}`);

    const arrival = sandbox.faults.takeForRequest('arrival', request);
    if (arrival?.kind === 'reset_before') return 'reset';
    if (arrival?.kind === 'hang_before') return 'hang';
    if (arrival?.kind === 'rate_limit') return rateLimited(requestId, arrival.shouldRetry);
    if (arrival?.kind === 'conflict') throw keyInUse(request.headers['idempotency-key'] ?? '');

    const answer = await keyedAnswer(sandbox, request, requestId);
    const late = sandbox.faults.takeForRequest('answer', request);
    if (late !== null) return late.kind === 'hang_after' ? 'hang' : 'reset';
    return { ...answer, headers: { ...answer.headers, 'stripe-version': version } };
  } catch (error) {
    if (error instanceof ApiError) return errorAnswer(error, requestId);
    throw error;
  }
}

function checkKey(authorization: string | undefined): void {
  const [scheme = '', credentials = ''] = (authorization ?? '').split(' ');
  // curl -u sk_test_…: sends the key as the user of basic authentication.
  const key = scheme === 'Basic' ? Buffer.from(credentials, 'base64').toString().replace(/:$/, '') : credentials;
  if (/^sk_test_\w+$/.test(key)) return;
  const message =
    key === ''
      ? 'You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth.'
      : `Invalid API Key provided: ${key.slice(0, 8)}${'*'.repeat(Math.max(0, key.length - 8))}`;
  throw new ApiError(401, { type: 'invalid_request_error', message });
}

/** The answer under the request's idempotency key: the stored one, or that of executing it now. */
async function keyedAnswer(sandbox: Sandbox, request: ApiRequest, requestId: string): Promise<ApiAnswer> {
  const key = request.method === 'POST' ? request.headers['idempotency-key'] : undefined;
  if (key === undefined) return await execute(sandbox, request, requestId, null);
  const fingerprint = fingerprintOf(request.method, request.pathname, request.body);
  const stored = storedAnswer(sandbox, key, fingerprint);
  if (stored !== null) {
    const headers = {
      'idempotency-key': key,
      'idempotent-replayed': 'true',
      'original-request': stored.requestId,
      'request-id': requestId,
    };
    return { status: stored.status, body: stored.body, headers };
  }
  sandbox.inFlight.add(key);
  try {
    const keep = { key, fingerprint };
    const answer = await execute(sandbox, request, requestId, keep);
    return { ...answer, headers: { ...answer.headers, 'idempotency-key': key, 'original-request': requestId } };
  } finally {
    sandbox.inFlight.delete(key);
  }
}

/** Checks, executes, and keeps the answer under the key. What is refused before execution began is not kept. */
async function execute(
  sandbox: Sandbox,
  request: ApiRequest,
  requestId: string,
  keep: { readonly key: string; readonly fingerprint: string } | null,
): Promise<ApiAnswer> {
  const { method, pathname } = request;
  const route = findRoute(method, pathname);
  if (route === null) throw unknownUrl(method, pathname);
  const form = decodeForm(method === 'GET' ? request.query : [request.query, request.body].filter(Boolean).join('&'));
  const run = route.endpoint.prepare(form);
  const paths = Array.isArray(form['expand']) ? form['expand'].map(String) : [];
  checkExpansion(route.endpoint.answers, paths);

  const fault = sandbox.faults.takeForRequest('execution', request);
  if (fault?.kind === 'delay') {
    await sleep(fault.ms);
    if (!request.isWaiting() && keep === null) return failure(requestId); // A GET that nobody waits for.
  }
  return sandbox.transact({ requestId, idempotencyKey: keep?.key ?? null }, (context) => {
    let answer: ApiAnswer;
    if (fault?.kind === 'server_error_before') {
      answer = failure(requestId);
    } else {
      const made = executed(route, run, context, paths, requestId);
      answer = fault?.kind === 'server_error_after' ? failure(requestId) : made;
    }
    if (keep !== null) {
      const { status, body } = answer;
      const storedAtMs = Date.now();
      sandbox.store.idempotencyKeys.put({
        id: keep.key,
        fingerprint: keep.fingerprint,
        status,
        body,
        requestId,
        storedAtMs,
      });
    }
    return answer;
  });
}

function executed(
  route: Route,
  run: ReturnType<Route['endpoint']['prepare']>,
  context: Parameters<typeof run>[0],
  paths: readonly string[],
  requestId: string,
): ApiAnswer {
  try {
    const object = expanded(context, run(context, route.path), paths);
    return { status: 200, body: JSON.stringify(object), headers: { 'request-id': requestId } };
  } catch (error) {
    if (error instanceof ApiError) return errorAnswer(error, requestId);
    process.stderr.write(
      `stripe sandbox: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    return failure(requestId);
  }
}

function errorAnswer(error: ApiError, requestId: string): ApiAnswer {
  const body: ApiErrorBody = {
    ...error.body,
    request_log_url: `https://dashboard.stripe.com/test/workbench/logs?object=${requestId}`,
  };
  return {
    status: error.status,
    body: JSON.stringify({ error: body }),
    headers: { 'request-id': requestId },
  };
}

function failure(requestId: string): ApiAnswer {
  return errorAnswer(new ApiError(500, { type: 'api_error', message: 'An unknown error occurred.' }), requestId);
}

function rateLimited(requestId: string, shouldRetry: boolean | undefined): ApiAnswer {
  const error = new ApiError(429, {
    type: 'invalid_request_error',
    code: 'rate_limit',
    message:
      'Request rate limit exceeded. You can learn more about rate limits here https://stripe.com/docs/rate-limits.',
  });
  const answer = errorAnswer(error, requestId);
  if (shouldRetry === undefined) return answer;
  return { ...answer, headers: { ...answer.headers, 'stripe-should-retry': String(shouldRetry) } };
}

function unknownUrl(method: string, pathname: string): ApiError {
  return new ApiError(404, {
    type: 'invalid_request_error',
    message: `Unrecognized request URL (${method}: ${pathname}). If you are trying to list objects, remove the trailing slash. The sandbox has only the part of Stripe that its README lists.`,
  });
}
