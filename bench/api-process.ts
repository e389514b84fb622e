// A process of its own, as in production: what answers does not share its processor time with what asks.
import pg from 'pg';
import { pino } from 'pino';

import { authenticateBearer } from '../server/auth/authenticate-bearer.ts';
import { logOptions } from '../server/log.ts';
import { buildApi } from '../server/server.ts';
import { Perennial } from '../client/perennial.ts';

/** What the process is told, as JSON in its only argument. */
export interface ApiProcessOptions {
  readonly temporalAddress: string;
  readonly namespace: string;
  readonly databaseUrl: string;
  readonly taskQueue: string;
  readonly stripe: { readonly apiKey: string; readonly apiBase: string | null };
  /** An account that the bare select reads. */
  readonly accountId: string;
}

const NO_LIMIT = 1_000_000_000;

async function main(): Promise<void> {
  const options = JSON.parse(process.argv[2] ?? '{}') as ApiProcessOptions;
  const perennial = await Perennial.connect(options);
  const app = buildApi({
    perennial,
    authenticate: authenticateBearer(perennial),
    isSandbox: true,
    stripe: options.stripe,
    logger: pino(logOptions('silent')),
    rateLimits: { default: NO_LIMIT, usage: NO_LIMIT, portal: NO_LIMIT },
  });
  const pool = new pg.Pool({ connectionString: options.databaseUrl, max: 8 });
  const select = { name: 'bench', text: 'select * from accounts where account_id = $1', values: [options.accountId] };
  app.post('/bench/select', async () => (await pool.query(select)).rows[0]);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  process.stdout.write(`${JSON.stringify({ url })}\n`);
  process.once('SIGTERM', () => process.exit());
}

await main();
