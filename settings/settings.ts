import { z } from 'zod';

/** Where workers poll and clients send to, unless it is set. */
export const DEFAULT_TASK_QUEUE = 'perennial';

/** What a person may set through the environment. `null` means "not set: the local stack brings its own". */
export interface Settings {
  readonly temporal: {
    /** `host:port` of a Temporal frontend to use instead of starting one. */
    readonly address: string | null;
    readonly namespace: string;
    /** Where that server's web UI is; only shown to people. */
    readonly uiUrl: string | null;
    /** A server binary built from stack/temporal, to start instead of looking for one. */
    readonly serverBinary: string | null;
  };
  /** `postgres://…` of a database to use instead of starting one. */
  readonly databaseUrl: string | null;
  /** The same database, as the login that owns its tables; only migrations use it. `null`: `databaseUrl` owns them. */
  readonly databaseOwnerUrl: string | null;
  readonly stripe: {
    readonly apiKey: string | null;
    /** Origin that answers in Stripe's place; `null` means api.stripe.com, or the sandbox where there is no key either. */
    readonly apiBase: string | null;
    /** The signing secrets of our endpoint: two while one is being rotated, none where Stripe cannot reach us. */
    readonly webhookSecrets: readonly string[];
  };
  /** Ports somebody chose. Unlike the usual ones of a kept stack they are not exchanged for others when in use. */
  readonly ports: {
    readonly postgres: number | null;
    readonly temporal: number | null;
    readonly temporalUi: number | null;
    readonly sandbox: number | null;
    readonly http: number | null;
  };
  readonly api: {
    /** What portal tokens are signed with, the first, and verified with, all; none: secrets kept in the database. */
    readonly portalSecrets: readonly string[];
    /** Origin under which the pages are reached from outside; `null`: not known, and links are relative. */
    readonly publicUrl: string | null;
    /** Origins whose pages may show a customer's pages in a frame; none: only our own. */
    readonly frameOrigins: readonly string[];
    /** An operator's key, for commands that act in its name; `null`: the one that `npm start` keeps. */
    readonly key: string | null;
    /** Where a browser may be sent back to from Stripe's pages, beside `publicUrl`. */
    readonly returnOrigins: readonly string[];
    /** Requests a minute of one key or portal user, in one process; 0 means no limit, `null` the usual one. */
    readonly requestsPerMinute: {
      readonly default: number | null;
      readonly usage: number | null;
      readonly portal: number | null;
    };
  };
  /** Where `npm start` keeps its data, as given; relative to the project. */
  readonly directory: string;
  /** Where notices are mailed from; null where they are not. Both are set, or neither. */
  readonly mail: { readonly smtpUrl: string; readonly from: string } | null;
  /** Whether webhooks may go to private addresses, and without TLS: for a local stack, never for a server that others can reach. */
  readonly allowPrivateWebhooks: boolean;
  /** Whether test clocks may be made and moved over HTTP: never where money is real. */
  readonly isSandbox: boolean;
  /** The queue on which accounts wait for a worker; `null` means the usual one. Workers and clients must name the same. */
  readonly taskQueue: string | null;
  /** A Chrome or Chromium for tests and screenshots; `null`: one that is found. */
  readonly browser: string | null;
  /** What a process tells of itself while it runs. */
  readonly telemetry: {
    /** Where traces go: the base address of an OTLP collector; `null`: nowhere. */
    readonly otlpEndpoint: string | null;
    /** The port on which a worker serves Temporal's metrics; `null`: none, or in `npm start` a free one. */
    readonly metricsPort: number | null;
  };
}

/** One or more environment variables hold something else than what they are for. */
export class SettingsError extends Error {
  readonly code = 'SETTINGS_INVALID';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`${problems.length === 1 ? 'A setting is' : 'Some settings are'} not usable:\n  ${problems.join('\n  ')}`);
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

// Values of these are not repeated in messages: they are secrets, or contain one.
const SECRET = new Set([
  'DATABASE_URL',
  'DATABASE_OWNER_URL',
  'STRIPE_API_KEY',
  'STRIPE_WEBHOOK_SECRET',
  'PERENNIAL_SMTP_URL',
  'PERENNIAL_SECRET',
  'PERENNIAL_KEY',
]);

const port = z
  .string()
  .regex(/^\d{1,5}$/)
  .transform(Number)
  .refine((value) => value >= 1 && value <= 65_535)
  .meta({ expected: 'a port between 1 and 65535' })
  .optional();

const perMinute = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number)
  .meta({ expected: 'requests a minute, or 0 for no limit' })
  .optional();

const webUrl = z.url({ protocol: /^https?$/ });

const origins = z
  .string()
  .transform((value) => value.split(',').map((each) => each.trim()))
  .refine((values) => values.every(isOrigin))
  .meta({ expected: 'origins with commas between, like https://app.example.com,https://www.example.com' })
  .optional();

const database = z
  .url({ protocol: /^postgres(ql)?$/ })
  .refine((value) => (pathOf(value) ?? '').length > 1)
  .meta({ expected: 'postgres://user:password@host:port/database' })
  .optional();

const environment = z.object({
  TEMPORAL_ADDRESS: z
    .string()
    .refine(isHostAndPort)
    .meta({ expected: 'host:port of a Temporal frontend, like 127.0.0.1:7233 (no https://)' })
    .optional(),
  TEMPORAL_NAMESPACE: z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]{1,199}$/)
    .meta({ expected: 'a namespace: 2 to 200 letters, digits, dots, dashes or underscores' })
    .optional(),
  TEMPORAL_UI_URL: webUrl.meta({ expected: 'an address like http://127.0.0.1:8233' }).optional(),
  PERENNIAL_TEMPORAL_SERVER: z
    .string()
    .meta({ expected: 'the path of a server binary built from stack/temporal' })
    .optional(),
  DATABASE_URL: database,
  DATABASE_OWNER_URL: database,
  STRIPE_API_KEY: z
    .string()
    .regex(/^(sk|rk)_(test|live)_\w+$/)
    .meta({ expected: 'a secret or restricted key, like sk_test_… (not a publishable pk_… key)' })
    .optional(),
  STRIPE_API_BASE: webUrl
    .refine((value) => pathOf(value) === '/')
    .meta({ expected: 'an origin without a path, like http://127.0.0.1:12111' })
    .optional(),
  STRIPE_WEBHOOK_SECRET: z
    .string()
    .regex(/^whsec_[^\s,]+(,whsec_[^\s,]+)?$/)
    .meta({ expected: "an endpoint's signing secret, like whsec_…, or two with a comma while one is rotated" })
    .optional(),
  PERENNIAL_POSTGRES_PORT: port,
  PERENNIAL_TEMPORAL_PORT: port,
  PERENNIAL_TEMPORAL_UI_PORT: port,
  PERENNIAL_SANDBOX_PORT: port,
  PERENNIAL_HTTP_PORT: port,
  PERENNIAL_METRICS_PORT: port,
  OTEL_EXPORTER_OTLP_ENDPOINT: webUrl.meta({ expected: 'an address like http://127.0.0.1:4318' }).optional(),
  PERENNIAL_SECRET: z
    .string()
    .transform((value) => value.split(','))
    .refine((secrets) => secrets.length <= 2 && secrets.every((secret) => /^\S{32,}$/.test(secret)))
    .meta({ expected: 'a secret of 32 characters or more; two with a comma between while it is rotated' })
    .optional(),
  PERENNIAL_PUBLIC_URL: webUrl
    .refine((value) => pathOf(value) === '/')
    .meta({ expected: 'an origin without a path, like https://billing.example.com' })
    .optional(),
  PERENNIAL_FRAME_ORIGINS: origins,
  PERENNIAL_RETURN_ORIGINS: origins,
  PERENNIAL_KEY: z
    .string()
    .regex(/^perennial_[a-z0-9]{8}_[\w-]{43}$/)
    .meta({ expected: 'a server key, like perennial_…' })
    .optional(),
  PERENNIAL_RATE_LIMIT: perMinute,
  PERENNIAL_USAGE_RATE_LIMIT: perMinute,
  PERENNIAL_PORTAL_RATE_LIMIT: perMinute,
  PERENNIAL_DIRECTORY: z.string().meta({ expected: 'a directory' }).optional(),
  PERENNIAL_SMTP_URL: z
    .url({ protocol: /^smtps?$/ })
    .meta({ expected: 'smtp://user:password@host:587, or smtps://…' })
    .optional(),
  PERENNIAL_MAIL_FROM: z
    .string()
    .regex(/^([^<>\r\n]*<[^\s<>@]+@[\w.-]+>|[^\s<>@]+@[\w.-]+)$/)
    .meta({ expected: 'an address like billing@example.com, or Billing <billing@example.com>' })
    .optional(),
  PERENNIAL_ALLOW_PRIVATE_WEBHOOKS: z.enum(['true', 'false']).meta({ expected: 'true or false' }).optional(),
  PERENNIAL_SANDBOX: z.enum(['true', 'false']).meta({ expected: 'true or false' }).optional(),
  PERENNIAL_BROWSER: z.string().meta({ expected: 'the path of a Chrome or Chromium' }).optional(),
  PERENNIAL_TASK_QUEUE: z
    .string()
    .regex(/^\w[\w.-]{0,199}$/)
    .meta({ expected: 'a task queue: 1 to 200 letters, digits, dots, dashes or underscores' })
    .optional(),
});

/**
 * Reads the settings from an environment such as `process.env`. An empty value counts as not set.
 * Throws {@link SettingsError} that names every wrong value and what was expected.
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environment.safeParse(given);
  if (!parsed.success) throw new SettingsError(describeProblems(parsed.error, given));
  const values = parsed.data;
  return {
    temporal: {
      address: values.TEMPORAL_ADDRESS ?? null,
      namespace: values.TEMPORAL_NAMESPACE ?? 'default',
      uiUrl: values.TEMPORAL_UI_URL ?? null,
      serverBinary: values.PERENNIAL_TEMPORAL_SERVER ?? null,
    },
    databaseUrl: values.DATABASE_URL ?? null,
    databaseOwnerUrl: values.DATABASE_OWNER_URL ?? null,
    stripe: {
      apiKey: values.STRIPE_API_KEY ?? null,
      apiBase: values.STRIPE_API_BASE === undefined ? null : new URL(values.STRIPE_API_BASE).origin,
      webhookSecrets: values.STRIPE_WEBHOOK_SECRET?.split(',') ?? [],
    },
    ports: {
      postgres: values.PERENNIAL_POSTGRES_PORT ?? null,
      temporal: values.PERENNIAL_TEMPORAL_PORT ?? null,
      temporalUi: values.PERENNIAL_TEMPORAL_UI_PORT ?? null,
      sandbox: values.PERENNIAL_SANDBOX_PORT ?? null,
      http: values.PERENNIAL_HTTP_PORT ?? null,
    },
    api: {
      portalSecrets: values.PERENNIAL_SECRET ?? [],
      publicUrl: values.PERENNIAL_PUBLIC_URL === undefined ? null : new URL(values.PERENNIAL_PUBLIC_URL).origin,
      frameOrigins: values.PERENNIAL_FRAME_ORIGINS ?? [],
      key: values.PERENNIAL_KEY ?? null,
      returnOrigins: values.PERENNIAL_RETURN_ORIGINS ?? [],
      requestsPerMinute: {
        default: values.PERENNIAL_RATE_LIMIT ?? null,
        usage: values.PERENNIAL_USAGE_RATE_LIMIT ?? null,
        portal: values.PERENNIAL_PORTAL_RATE_LIMIT ?? null,
      },
    },
    directory: values.PERENNIAL_DIRECTORY ?? '.perennial',
    mail: mailOf(values.PERENNIAL_SMTP_URL, values.PERENNIAL_MAIL_FROM),
    allowPrivateWebhooks: values.PERENNIAL_ALLOW_PRIVATE_WEBHOOKS === 'true',
    isSandbox: values.PERENNIAL_SANDBOX !== 'false' && !isLiveKey(values.STRIPE_API_KEY ?? ''),
    taskQueue: values.PERENNIAL_TASK_QUEUE ?? null,
    browser: values.PERENNIAL_BROWSER ?? null,
    telemetry: {
      otlpEndpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
      metricsPort: values.PERENNIAL_METRICS_PORT ?? null,
    },
  };
}

/** A secret or restricted key of Stripe with which real money moves. */
export function isLiveKey(apiKey: string): boolean {
  return /^(sk|rk)_live_/.test(apiKey);
}

/** @throws SettingsError when one of the two is missing. */
function mailOf(smtpUrl: string | undefined, from: string | undefined): Settings['mail'] {
  if (smtpUrl !== undefined && from !== undefined) return { smtpUrl, from };
  if (smtpUrl === undefined && from === undefined) return null;
  const missing = from === undefined ? 'PERENNIAL_MAIL_FROM' : 'PERENNIAL_SMTP_URL';
  throw new SettingsError([`${missing}: is not set; mail needs both PERENNIAL_SMTP_URL and PERENNIAL_MAIL_FROM.`]);
}

function describeProblems(error: z.ZodError, given: Readonly<Record<string, string | undefined>>): string[] {
  const names = new Set(error.issues.map((issue) => String(issue.path[0])));
  return [...names].map((name) => {
    const shown = SECRET.has(name) ? 'its value (not shown)' : `"${given[name] ?? ''}"`;
    return `${name}: ${shown} is not ${expectedOf(name)}.`;
  });
}

function expectedOf(name: string): string {
  const field = Object.entries(environment.shape).find(([key]) => key === name)?.[1];
  const expected = field?.unwrap().meta()?.['expected'];
  return typeof expected === 'string' ? expected : 'what was expected';
}

function isHostAndPort(value: string): boolean {
  const match = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9_.-]+):(\d{1,5})$/.exec(value);
  const portNumber = Number(match?.[2]);
  return match !== null && portNumber >= 1 && portNumber <= 65_535;
}

/** As a browser writes it, which leaves no room for the directives of another policy. */
function isOrigin(value: string): boolean {
  return /^https?:/.test(value) && URL.canParse(value) && new URL(value).origin === value;
}

/** Of a URL; `null` where it is none, which another check says already. */
function pathOf(value: string): string | null {
  return URL.canParse(value) ? new URL(value).pathname : null;
}
