import type { FastifyBaseLogger } from 'fastify';
import type { LoggerOptions } from 'pino';

/** Structured, one JSON object a line; what is secret in a request or a card never gets there. */
export function logOptions(level: string): LoggerOptions {
  return {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
      censor: '[redacted]',
    },
  };
}

const SECRETS = [
  'authorization',
  'cookie',
  '["set-cookie"]',
  '["stripe-signature"]',
  'token',
  'secret',
  'apiKey',
  'password',
  'paymentMethodId',
  'databaseUrl',
];

type Bindings = Parameters<FastifyBaseLogger['child']>[0];
type Level = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/**
 * What a request logs with, under its id. Most requests log nothing but their answer, and a logger of their own, whose bindings are looked
 * through for secrets, would cost more than recording an event does: so it is made when something is to be said.
 */
export function logOfRequest(logger: FastifyBaseLogger, bindings: Bindings): FastifyBaseLogger {
  // Its methods pass on whatever they get; the many forms of pino's cannot be said again here.
  return new RequestLog(logger, bindings);
}

class RequestLog {
  readonly #logger: FastifyBaseLogger;
  readonly #bindings: Bindings;
  #own: FastifyBaseLogger | null = null;

  constructor(logger: FastifyBaseLogger, bindings: Bindings) {
    this.#logger = logger;
    this.#bindings = bindings;
  }

  get level(): string {
    return this.#logger.level;
  }

  child(...given: Parameters<FastifyBaseLogger['child']>): FastifyBaseLogger {
    return this.#made.child(...given);
  }

  fatal(...said: unknown[]): void {
    this.#say('fatal', said);
  }

  error(...said: unknown[]): void {
    this.#say('error', said);
  }

  warn(...said: unknown[]): void {
    this.#say('warn', said);
  }

  info(...said: unknown[]): void {
    this.#say('info', said);
  }

  debug(...said: unknown[]): void {
    this.#say('debug', said);
  }

  trace(...said: unknown[]): void {
    this.#say('trace', said);
  }

  silent(): void {
    // Says nothing, as its name promises.
  }

  #say(level: Level, said: readonly unknown[]): void {
    const made = this.#made;
    Reflect.apply(made[level], made, said);
  }

  get #made(): FastifyBaseLogger {
    this.#own ??= this.#logger.child(this.#bindings);
    return this.#own;
  }
}
