import { REFUSAL_CODES, type RefusalCode } from '../billing/refusal-codes.ts';
import { Refusal, type RefusalReason } from '../billing/refusal.ts';

interface Asked<Data> {
  readonly data?: Data;
  readonly error?: unknown;
  readonly response: Response;
}

/** What the installation answered. @throws Refusal as the engine there refused; RemoteProblem for a "no" that no rule says. */
export async function answered<Data>(asking: Promise<Asked<Data>>): Promise<NonNullable<Data>> {
  const { data, error, response } = await asking;
  if (data !== undefined && data !== null) return data;
  throw refusalOf(error) ?? new RemoteProblem(response, error);
}

/** A refusal as it stands in a problem, or beside an event. */
export function refusalOf(error: unknown): Refusal | null {
  if (typeof error !== 'object' || error === null) return null;
  const { code, detail, message, solve, limit, field } = error as Readonly<Record<string, unknown>>;
  if (typeof code !== 'string' || !Object.hasOwn(REFUSAL_CODES, code)) return null;
  const reason: RefusalReason = { code: code as RefusalCode, message: textOf(detail ?? message) };
  return new Refusal({
    ...reason,
    solve: typeof solve === 'string' ? solve : null,
    limit: (limit ?? null) as RefusalCode | null,
    field: field as string | null,
  });
}

/** The installation does not know the key, is no sandbox, or is broken: the scenario cannot be played there. */
export class RemoteProblem extends Error {
  override readonly name = 'RemoteProblem';
  readonly code: string;

  constructor({ url, status }: Response, error: unknown) {
    const { code, detail } = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>;
    super(`${new URL(url).origin} answers ${String(status)}: ${textOf(detail ?? code)}`);
    this.code = typeof code === 'string' ? code : 'unavailable';
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : 'nothing that this program understands';
}
