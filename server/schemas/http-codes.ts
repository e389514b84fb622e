import type { RefusalCode } from '../../billing/refusal-codes.ts';

/** What only HTTP can refuse: who asks, how, and whether it can be answered now. Like refusal codes, these are never renamed. */
export const HTTP_CODES = {
  unauthorized: {
    status: 401,
    title: 'No valid credentials',
    solve: 'Send `Authorization: Bearer <key>` with a valid key or portal token.',
  },
  forbidden: {
    status: 403,
    title: 'Not allowed with these credentials',
    solve: 'Use a key with the named scope. A portal token can only access its own account.',
  },
  not_found: { status: 404, title: 'No such path', solve: 'Check the path; /docs lists the available endpoints.' },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    solve: 'Use one of the methods in the Allow header.',
  },
  payload_too_large: {
    status: 413,
    title: 'Body too large',
    solve: 'Send smaller requests; a batch of usage has at most 1,000 events.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    solve: 'Send JSON with the header `Content-Type: application/json`.',
  },
  request_in_progress: {
    status: 409,
    title: 'Request in progress',
    solve: 'Repeat the request after a second with the same Idempotency-Key to get its response.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    solve: 'Wait for the number of seconds in the Retry-After header, then send requests more slowly.',
  },
  unavailable: {
    status: 503,
    title: 'Temporarily unavailable',
    solve:
      'Repeat the request after the number of seconds in the Retry-After header. For writes, use the same Idempotency-Key.',
  },
  internal: {
    status: 500,
    title: 'Internal error',
    solve:
      'Repeat the request with the same Idempotency-Key. If the error persists, send the requestId to the operator of this ' +
      'installation.',
  },
} as const satisfies Record<string, { status: number; title: string; solve: string }>;

export type HttpCode = keyof typeof HTTP_CODES;
export type ProblemCode = RefusalCode | HttpCode;

/** Statuses of refusals that are neither about something unknown (404) nor about the state things are in (409). */
const STATUSES: Readonly<Partial<Record<RefusalCode, number>>> = {
  invalid_request: 400,
  invalid_catalog: 400,
  invalid_scenario: 400,
  precondition_failed: 412,
  interval_not_offered: 400,
  cap_required: 400,
  cap_not_offered: 400,
  event_too_old: 400,
  event_in_future: 400,
  date_before_clock: 400,
  payment_method_required: 402,
  card_declined: 402,
  payment_failed: 402,
  plan_not_self_serve: 403,
  member_not_admin: 403,
  not_a_sandbox: 403,
};

/** The HTTP status of a code. A refusal nobody thought of here is about the state of the account. */
export function statusOf(code: ProblemCode): number {
  if (isHttpCode(code)) return HTTP_CODES[code].status;
  return STATUSES[code] ?? (code.startsWith('unknown_') ? 404 : 409);
}

export function isHttpCode(code: string): code is HttpCode {
  return Object.hasOwn(HTTP_CODES, code);
}
