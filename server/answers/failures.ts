import { ServiceError } from '@temporalio/client';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';

import { isRetryable, isStripeTrouble } from '../../stripe/retryable.ts';
import { Refusal } from '../../billing/refusal.ts';
import { invalidRequest } from './invalid-request.ts';
import { HttpRefusal } from './problem.ts';

const RETRY_AFTER_SECONDS = 5;

/** What a caller is told about whatever was thrown; null for what is a bug of ours. */
export function refusalOf(error: unknown): Refusal | HttpRefusal | null {
  if (error instanceof Refusal || error instanceof HttpRefusal) return error;
  if (hasZodFastifySchemaValidationErrors(error)) return invalidRequest(issuesOf(error));
  if (isStripeTrouble(error)) return refusalAtStripe(error);
  if (!(error instanceof Error)) return null;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return frameworkRefusal(code) ?? unavailable(error, code);
}

interface ValidationIssue {
  readonly instancePath: string;
  readonly message: string;
  readonly params: { readonly keys?: readonly string[] };
}

function issuesOf(error: { readonly validation: readonly object[] }): Parameters<typeof invalidRequest>[0] {
  return (error.validation as readonly ValidationIssue[]).map(({ instancePath, message, params }) => ({
    path: instancePath.split('/').filter((step) => step !== ''),
    message,
    ...(params.keys === undefined ? {} : { keys: params.keys }),
  }));
}

/** Fastify's own errors, before a route is reached. */
function frameworkRefusal(code: string): Refusal | HttpRefusal | null {
  switch (code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_EMPTY_TYPE':
      return new HttpRefusal('unsupported_media_type', 'The Content-Type of the request is not application/json.');
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new HttpRefusal('payload_too_large', 'The request body is larger than this endpoint accepts.');
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new Refusal({ code: 'invalid_request', message: 'The request body is not valid JSON.' });
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
    case 'FST_ERR_ASYNC_CONSTRAINT':
      return new Refusal({ code: 'invalid_request', message: 'The path is not a valid URL.' });
    default:
      return null;
  }
}

/** Node's and Postgres' codes for "nobody there, or not now"; 08… are lost connections, 57P… a server that stops or starts. */
const AWAY = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|08\w{3}|57P0\d|53300)$/;
/** gRPC: CANCELLED, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNAVAILABLE. */
const TEMPORAL_AWAY: ReadonlySet<number> = new Set([1, 4, 8, 14]);

function unavailable(error: Error, code: string): HttpRefusal | null {
  if (isTemporalAway(error)) return unavailableNow('Temporal is not responding. The request may still take effect.');
  const isDatabaseAway =
    AWAY.test(code) ||
    error.name === 'KnexTimeoutError' ||
    /^Connection terminated|timeout exceeded when/.test(error.message);
  return isDatabaseAway ? unavailableNow('The database is not responding.') : null;
}

/** What may be asked again, is; what the provider will never take is told in its own words. */
function refusalAtStripe(error: Error): Refusal | HttpRefusal {
  if (isRetryable(error)) return unavailableNow('The payment provider is not responding.');
  return new Refusal({ code: 'provider_refused', message: `The payment provider answered: "${error.message}"` });
}

function isTemporalAway(error: Error): boolean {
  if (error.name === 'WorkflowUpdateRPCTimeoutOrCancelledError') return true;
  const cause: unknown = error instanceof ServiceError ? error.cause : error;
  const status = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : null;
  return typeof status === 'number' && TEMPORAL_AWAY.has(status);
}

export function unavailableNow(message: string): HttpRefusal {
  return new HttpRefusal('unavailable', message, { 'retry-after': String(RETRY_AFTER_SECONDS) });
}
