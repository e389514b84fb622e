import type { RefusalCode } from '../../billing/refusal-codes.ts';

/** What only HTTP can refuse: who asks, how, and whether it can be answered now. Like refusal codes, these are never renamed. */
export const HTTP_CODES = {
  unauthorized: {
    status: 401,
    title: 'No valid credentials',
    solve: 'Send `Authorization: Bearer <key>` with a key, or a portal token, that is valid now.',
  },
  forbidden: {
    status: 403,
    title: 'Not allowed with these credentials',
    solve: 'Use a key with the scope that is named; a portal token reaches its own account only.',
  },
  not_found: { status: 404, title: 'No such path', solve: 'Check the path; /docs lists those that exist.' },
  method_not_allowed: {
    status: 405,
    title: 'Not a method of this path',
    solve: 'Use one of the methods that the Allow header names.',
  },
  payload_too_large: {
    status: 413,
    title: 'Body too large',
    solve: 'Send less at once; a batch of usage has at most 1,000 events.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Not JSON',
    solve: 'Send JSON, and say so: `Content-Type: application/json`.',
  },
  request_in_progress: {
    status: 409,
    title: 'The same request is under way',
    solve: 'Repeat the request after a second, with the same Idempotency-Key, to get its answer.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    solve: 'Wait as long as the Retry-After header says, then go on more slowly.',
  },
  unavailable: {
    status: 503,
    title: 'Cannot be answered now',
    solve: 'Repeat the request after the Retry-After header’s seconds, with the same Idempotency-Key where it writes.',
  },
  internal: {
    status: 500,
    title: 'Something is broken here',
    solve:
      'Repeat the request with the same Idempotency-Key; if it stays, tell whoever runs this installation the requestId.',
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
