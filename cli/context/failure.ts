import { Refusal } from '../../billing/refusal.ts';

/** What went wrong, as programs read it. Refusals have the engine's codes in lower case, everything else one in capitals. */
interface Failure {
  readonly code: string;
  readonly message: string;
  /** What to do next. */
  readonly solve: string | null;
  /** The field that was wrong, where it is one. */
  readonly field: string | null;
}

export const EXIT = {
  done: 0,
  /** The engine said no; nothing has changed. */
  refused: 1,
  /** The command line, or a setting, cannot be understood. */
  usage: 2,
  /** Nothing, or nobody, answers. */
  unreachable: 3,
  /** A mistake of ours (EX_SOFTWARE of sysexits.h). */
  internal: 70,
} as const;

type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An end that is not a refusal by the engine: how the process exits, and what it says. */
export class CliFailure extends Error {
  override readonly name = 'CliFailure';
  readonly code: string;
  readonly solve: string | null;
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, code: string, message: string, solve: string | null) {
    super(message);
    this.code = code;
    this.solve = solve;
    this.exitCode = exitCode;
  }
}

export const START_FIRST =
  'Run `npm start` in this directory first, or set TEMPORAL_ADDRESS and DATABASE_URL to a running stack.';

export interface FailedRun {
  readonly exitCode: ExitCode;
  readonly failure: Failure;
  /** Only for mistakes of ours. */
  readonly stack?: string | undefined;
}

/** Turns whatever was thrown into an exit code and words. */
export function failedRun(error: unknown): FailedRun {
  if (error instanceof Refusal) {
    const { code, message, solve, field } = error;
    return { exitCode: EXIT.refused, failure: { code, message, solve, field } };
  }
  const known = error instanceof CliFailure ? error : (unreachable(error) ?? null);
  if (known !== null) {
    const { exitCode, code, message, solve } = known;
    return { exitCode, failure: { code, message, solve, field: null } };
  }
  const message = error instanceof Error ? error.message : String(error);
  const solve = 'This is a bug in Perennial. Please report it with the lines above.';
  const stack = error instanceof Error ? error.stack : undefined;
  return { exitCode: EXIT.internal, failure: { code: 'INTERNAL', message, solve, field: null }, stack };
}

/** Node's names for hosts and ports that do not answer. */
const SYSTEM_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH']);
/** Classes of https://www.postgresql.org/docs/18/errcodes-appendix.html: connection, authorization, no database, shutdown. */
const POSTGRES_CLASSES = /^(08|28|3D|57P)/;
const UNDEFINED_TABLE = '42P01';

function unreachable(error: unknown): CliFailure | null {
  if (!(error instanceof Error)) return null;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === UNDEFINED_TABLE) {
    const message = 'The database at DATABASE_URL has no Perennial tables.';
    return new CliFailure(EXIT.unreachable, 'DATABASE_UNREACHABLE', message, `${START_FIRST} It creates them.`);
  }
  if (SYSTEM_CODES.has(code) || POSTGRES_CLASSES.test(code) || error.name === 'KnexTimeoutError') {
    const reason = reasonOf(error);
    return new CliFailure(
      EXIT.unreachable,
      'DATABASE_UNREACHABLE',
      `The database is not responding: ${reason}`,
      START_FIRST,
    );
  }
  if (['ServiceError', 'NamespaceNotFoundError', 'WorkflowUpdateRPCTimeoutOrCancelledError'].includes(error.name)) {
    const message = `Temporal is not responding: ${reasonOf(error)}`;
    return new CliFailure(EXIT.unreachable, 'TEMPORAL_UNREACHABLE', message, START_FIRST);
  }
  return null;
}

/** Node tries several addresses of one host and wraps what each answered, with an empty message of its own. */
export function reasonOf(error: Error): string {
  if (error instanceof AggregateError) {
    const reasons = error.errors.map((each: unknown) => (each instanceof Error ? each.message : String(each)));
    return [...new Set(reasons)].join(', ');
  }
  return error.cause instanceof Error && error.cause.message !== ''
    ? `${error.message} (${error.cause.message})`
    : error.message;
}
