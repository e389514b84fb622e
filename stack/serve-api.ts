import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { pino } from 'pino';

import { operatorKeyFile, readOperatorKey } from '../settings/running-stack.ts';
import type { Settings } from '../settings/settings.ts';
import type { StackPart } from './part.ts';
import { authenticateBearer } from '../server/auth/authenticate-bearer.ts';
import { rateLimitsOf } from '../server/auth/limit-rate.ts';
import { logOptions } from '../server/log.ts';
import { scope } from '../client/credentials/principal.ts';
import { signInLink } from '../client/credentials/sign-in-link.ts';
import { startApi } from '../server/server.ts';
import { type ConnectOptions, Perennial } from '../client/perennial.ts';
import { pickPort } from './process/ports.ts';
import { registerStripeWebhook } from './register-stripe-webhook.ts';

export interface ServedApi {
  readonly url: string;
  readonly parts: readonly StackPart[];
  /** Where the secret of a key with every scope is. */
  readonly keyFile: string;
  /** Opens the pages for operators; good for 10 minutes. */
  readonly signInUrl: string;
  /** What is under way is answered first. */
  readonly close: () => Promise<void>;
}

interface ServeContext {
  readonly settings: Settings;
  readonly directory: string;
  /** Where the worker in this process serves its metrics. */
  readonly metricsAddress: string;
  /** Null where there are no pages. */
  readonly pagesDirectory: string | null;
  readonly temporal: { readonly uiUrl: string | null; readonly namespace: string };
}

/** Nobody but this machine reaches it: keys go over it in plain text. */
const HOST = '127.0.0.1';
const USUAL_PORT = 3300;

/** The HTTP API of a kept stack, with a key to try it, and with the sandbox's events coming in. */
export async function serveApi(options: ConnectOptions, context: ServeContext): Promise<ServedApi> {
  const { settings, directory, metricsAddress, pagesDirectory, temporal } = context;
  const port = await pickPort({
    purpose: 'the HTTP API',
    chosen: settings.ports.http,
    variable: 'PERENNIAL_HTTP_PORT',
    usual: USUAL_PORT,
  });
  const { portalSecrets, publicUrl, frameOrigins, returnOrigins, requestsPerMinute } = settings.api;
  const perennial = await Perennial.connect({ ...options, portalSecrets });
  const logFile = pino.destination({ dest: join(directory, 'logs', 'api.log'), mode: 0o600 });
  const secrets = [...settings.stripe.webhookSecrets];
  const served: { stop: (() => Promise<void>) | null } = { stop: null };
  const close = async (): Promise<void> => {
    await served.stop?.();
    await perennial.close();
    logFile.end();
  };
  try {
    const keyFile = await operatorKey(perennial, directory);
    const api = await startApi(
      {
        perennial,
        authenticate: authenticateBearer(perennial),
        isSandbox: settings.isSandbox,
        stripe: options.stripe,
        logger: pino(logOptions('info'), logFile),
        workerMetricsAddress: metricsAddress,
        rateLimits: rateLimitsOf(requestsPerMinute),
        ...{ frameOrigins, returnOrigins, temporal },
        ...(publicUrl === null ? {} : { publicUrl }),
        ...(pagesDirectory === null ? {} : { pagesDirectory }),
        stripeWebhookSecrets: () => secrets,
      },
      { host: HOST, port },
    );
    served.stop = api.close;
    const isOurSandbox = settings.stripe.apiKey === null && settings.stripe.apiBase === null;
    if (isOurSandbox) secrets.push(await registerStripeWebhook(options.stripe, `${api.url}/webhooks/stripe`));
    const origin = publicUrl ?? api.url;
    const parts = [
      { name: 'Pages for operators', where: `${origin}/operator/`, startedByUs: true },
      { name: 'HTTP API', where: `${api.url}/docs`, startedByUs: true },
      { name: 'Operator key', where: keyFile, startedByUs: true },
    ];
    const key = readOperatorKey(directory) ?? '';
    return { url: api.url, parts, keyFile, signInUrl: await signInLink(perennial, { origin, key }), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * The file with the secret of a key with every scope; made where there is none that is still good, as with another database. A crash
 * before the file is written leaves a key that nobody has the secret of, which does no harm.
 */
async function operatorKey({ keys }: Perennial, directory: string): Promise<string> {
  const file = operatorKeyFile(directory);
  const kept = readOperatorKey(directory);
  if (kept !== null && (await keys.find(kept)).kind === 'live') return file;
  const { secret } = await keys.create({ name: 'npm start', scopes: scope.options });
  rmSync(file, { force: true }); // The mode is given to new files only.
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });
  return file;
}
