import { z } from 'zod';

import type { Refusal } from '../../billing/refusal.ts';
import { HTTP_CODES, type HttpCode, type ProblemCode, statusOf } from '../schemas/http-codes.ts';

export const PROBLEM_TYPE = 'application/problem+json';

/** A name, not an address: what the code that follows means is in docs/errors.md, wherever that is served. */
const TYPE_PREFIX = 'urn:perennial:problem:';

/** RFC 9457, with what a program (`code`, `field`) and a person (`detail`, `solve`) need beside it. */
export const problem = z
  .object({
    type: z.string().meta({ description: 'A URN that identifies the error code.' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'A sentence that explains this occurrence of the error.' }),
    code: z
      .string()
      .meta({ description: 'A stable error code; see docs/errors.md.', examples: ['spending_cap_reached'] }),
    solve: z.string().nullable().meta({ description: 'How to resolve the error.' }),
    field: z.string().optional().meta({ description: 'The field of the request that caused the error.' }),
    requestId: z.string(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problem>;

/** A "no" of HTTP itself, thrown anywhere while a request is answered. */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal';
  readonly code: HttpCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: HttpCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.headers = headers;
  }
}

/** What a caller is told. Nothing else of an error leaves this process: no stack, no message of a library. */
export function problemOf(error: Refusal | HttpRefusal, requestId: string): Problem {
  const { code } = error;
  const shared = {
    type: `${TYPE_PREFIX}${code}`,
    title: titleOf(code),
    status: statusOf(code),
    detail: error.message,
    code,
  };
  if (error instanceof HttpRefusal) return { ...shared, solve: HTTP_CODES[error.code].solve, requestId };
  return { ...shared, solve: error.solve, ...(error.field === null ? {} : { field: error.field }), requestId };
}

/** `spending_cap_reached` → `Spending cap reached`: the same words for every occurrence, as the RFC asks. */
export function titleOf(code: ProblemCode): string {
  if (Object.hasOwn(HTTP_CODES, code)) return HTTP_CODES[code as HttpCode].title;
  const words = code.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
