import type { z } from 'zod';

import { HTTP_CODES, isHttpCode, type ProblemCode, statusOf } from '../schemas/http-codes.ts';
import { problem, PROBLEM_TYPE } from './problem.ts';

/** What any route that asks for credentials can answer. */
const ALWAYS: readonly ProblemCode[] = [
  'invalid_request',
  'unauthorized',
  'forbidden',
  'rate_limited',
  'internal',
  'unavailable',
];
/** And one that takes a body. */
export const WITH_BODY: readonly ProblemCode[] = ['payload_too_large', 'unsupported_media_type'];

/** And a POST whose answer is kept under its Idempotency-Key. */
export const POSTED: readonly ProblemCode[] = [...WITH_BODY, 'idempotency_conflict', 'request_in_progress'];

/**
 * A route's answers: what it gives when all is well, and every code it may refuse with, by status. Typed by the former only, so that a
 * handler can return nothing else.
 */
export function answers<const Good extends Readonly<Record<number, z.ZodType>>>(
  good: Good,
  codes: readonly ProblemCode[],
): { readonly response: Good; readonly 'x-codes': readonly ProblemCode[] } {
  const all = [...new Set([...codes, ...ALWAYS])].sort();
  const problems = Object.fromEntries(
    [...groupByStatus(all)].map(([status, some]) => [
      status,
      { description: describeCodes(some), content: { [PROBLEM_TYPE]: { schema: problem } } },
    ]),
  );
  return { response: { ...problems, ...good }, 'x-codes': all };
}

function groupByStatus(codes: readonly ProblemCode[]): ReadonlyMap<number, readonly ProblemCode[]> {
  const groups = new Map<number, ProblemCode[]>();
  for (const code of codes) {
    const status = statusOf(code);
    const group = groups.get(status);
    if (group === undefined) groups.set(status, [code]);
    else group.push(code);
  }
  return groups;
}

function describeCodes(codes: readonly ProblemCode[]): string {
  return codes
    .map((code) => (isHttpCode(code) ? `\`${code}\`: ${HTTP_CODES[code].title}.` : `\`${code}\``))
    .join('\n\n');
}
