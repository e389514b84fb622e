/** What the API says when it says no: `application/problem+json` with a stable code (AUD-1). */
export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  /** What to do next, where something can be done. */
  readonly solve: string | null;
  readonly field: string | null;
  readonly requestId: string | null;

  constructor(status: number, body: Readonly<Record<string, unknown>>) {
    const text = (name: string): string | null => (typeof body[name] === 'string' ? body[name] : null);
    super(text('detail') ?? text('title') ?? `HTTP ${String(status)}`);
    this.name = 'Problem';
    this.status = status;
    this.code = text('code') ?? 'internal';
    this.solve = text('solve');
    this.field = text('field');
    this.requestId = text('requestId');
  }
}

export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(0, {
    code: 'unreachable',
    detail: 'The server isn’t responding.',
    solve: 'Check your connection and try again.',
  });
}

/** What was refused is refused again; what did not answer may. */
export function shouldRetry(failures: number, error: unknown): boolean {
  const { status } = problemOf(error);
  return failures < 2 && (status === 0 || status >= 500);
}
