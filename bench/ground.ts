import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import pg from 'pg';

import { parseCatalogYaml } from '../billing/catalog/load-catalog.ts';
import { type ConnectOptions, Perennial } from '../client/perennial.ts';
import { migrate } from '../db/migrate.ts';
import type { Stack } from '../stack/part.ts';
import { startStack } from '../stack/stack.ts';
import { startWorker } from '../workers/worker.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** What is measured on: servers as in production, with fsync and synchronous_commit on, and one engine. */
export interface Ground {
  readonly stack: Stack;
  readonly options: ConnectOptions;
  readonly perennial: Perennial;
  /** For baselines and for counting afterwards. */
  readonly pool: pg.Pool;
  readonly close: () => Promise<void>;
}

export async function prepareGround(): Promise<Ground> {
  const directory = mkdtempSync(join(tmpdir(), 'perennial-bench-'));
  // A kept stack: the ephemeral one's Postgres is fast because it may lose everything.
  const stack = await startStack({ kind: 'kept', directory });
  await migrate(stack.databaseUrl);
  const options: ConnectOptions = {
    temporalAddress: stack.temporal.address,
    namespace: stack.temporal.namespace,
    databaseUrl: stack.databaseUrl,
    stripe: stack.stripe,
    taskQueue: 'bench',
  };
  const worker = await startWorker(options);
  const perennial = await Perennial.connect(options);
  for (const name of ['qodo', 'codspeed']) {
    await perennial.publishCatalog(parseCatalogYaml(readFileSync(`${ROOT}catalogs/${name}.yaml`, 'utf8'), name));
  }
  const pool = new pg.Pool({ connectionString: stack.databaseUrl, max: 64 });
  await assertDurable(pool);
  return {
    ...{ stack, options, perennial, pool },
    close: async () => {
      await perennial.close();
      await worker.stop();
      await pool.end();
      await stack.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A figure measured without durability would not be one. */
async function assertDurable(pool: pg.Pool): Promise<void> {
  for (const name of ['fsync', 'synchronous_commit', 'full_page_writes']) {
    const { rows } = await pool.query<Record<string, string>>(`show ${name}`);
    if (rows[0]?.[name] !== 'on') throw new Error(`${name} is ${String(rows[0]?.[name])}`);
  }
}
