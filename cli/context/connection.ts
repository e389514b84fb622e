import { readOperatorKey, readRunningStack, runningStackFile } from '../../settings/running-stack.ts';
import { readSettings, SettingsError } from '../../settings/settings.ts';
import type { ConnectOptions, Perennial } from '../../client/perennial.ts';
import { CliFailure, EXIT, reasonOf, START_FIRST } from './failure.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Connection = Pick<ConnectOptions, 'temporalAddress' | 'namespace' | 'databaseUrl'> & {
  readonly portalSecrets: readonly string[];
  readonly taskQueue?: string;
};

/** From the environment; what it leaves out comes from the stack that `npm start` runs in this directory. */
function connectionOf(env: Environment): Connection {
  const settings = settingsOf(env);
  const stack = readRunningStack(settings);
  const temporalAddress = settings.temporal.address ?? stack?.temporal.address;
  const databaseUrl = settings.databaseUrl ?? stack?.databaseUrl;
  if (temporalAddress === undefined || databaseUrl === undefined) {
    const message =
      `No stack is running here (${runningStackFile(settings)} does not exist), ` +
      `and ${temporalAddress === undefined ? 'TEMPORAL_ADDRESS' : 'DATABASE_URL'} is not set.`;
    throw new CliFailure(EXIT.unreachable, 'STACK_UNREACHABLE', message, START_FIRST);
  }
  const taskQueue = settings.taskQueue ?? stack?.taskQueue;
  return {
    temporalAddress,
    // The environment's namespace has a default, which must not hide the running stack's.
    namespace: isSet(env['TEMPORAL_NAMESPACE'])
      ? settings.temporal.namespace
      : (stack?.temporal.namespace ?? settings.temporal.namespace),
    databaseUrl,
    portalSecrets: settings.api.portalSecrets,
    ...(taskQueue === undefined ? {} : { taskQueue }),
  };
}

/** What a link to the pages is made of. */
export interface PagesPlace {
  /** Where the pages are. */
  readonly origin: string;
  /** The key that an operator is signed in with. */
  readonly operatorKey: string | null;
}

/** From the environment, or from the stack that `npm start` runs in this directory. @throws CliFailure, exit code 2. */
export function pagesPlace(env: Environment): PagesPlace {
  const settings = settingsOf(env);
  const origin = settings.api.publicUrl ?? readRunningStack(settings)?.apiUrl;
  if (origin === undefined) {
    const message =
      'The address of the pages is unknown: no stack with an API is running here, and PERENNIAL_PUBLIC_URL is not set.';
    throw new CliFailure(
      EXIT.usage,
      'PAGES_UNKNOWN',
      message,
      'Set PERENNIAL_PUBLIC_URL to the origin of the pages, or run `npm start`.',
    );
  }
  return { origin, operatorKey: settings.api.key ?? readOperatorKey(settings.directory) };
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}

function settingsOf(env: Environment): ReturnType<typeof readSettings> {
  try {
    return readSettings(env);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    throw new CliFailure(EXIT.usage, error.code, error.message, 'Correct the named variable, or unset it.');
  }
}

/** @throws CliFailure, exit code 3, when Temporal does not answer. The database is asked with the first statement. */
export async function openClient(env: Environment): Promise<Perennial> {
  const connection = connectionOf(env);
  // Loaded only now: help and mistyped commands should not wait for it.
  const { Perennial } = await import('../../client/perennial.ts');
  try {
    return await Perennial.connect(connection);
  } catch (error) {
    const reason = error instanceof Error ? reasonOf(error) : String(error);
    const message = `No Temporal server answers at ${connection.temporalAddress}: ${reason}`;
    throw new CliFailure(EXIT.unreachable, 'TEMPORAL_UNREACHABLE', message, START_FIRST);
  }
}
