import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type Database, openDatabase, type Transaction } from './database.ts';

const MIGRATIONS = fileURLToPath(new URL('./migrations/', import.meta.url));
/** Any number will do, as long as every migrating process asks for the same lock. */
const MIGRATION_LOCK = 7_240_531;

/** Brings a database to the newest schema. Several processes may try at once; each migration is applied once, whole or not at all. */
export async function migrate(databaseUrl: string): Promise<void> {
  const db = openDatabase(databaseUrl, 2);
  try {
    await migrateDatabase(db);
  } finally {
    await db.destroy();
  }
}

async function migrateDatabase(db: Database): Promise<void> {
  const files = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql')).sort();
  await db.transaction(async (trx) => {
    await trx.raw('select pg_advisory_xact_lock(?)', [MIGRATION_LOCK]);
    await trx.raw('create table if not exists migrations (name text primary key, digest text not null)');
    for (const name of files) await applyOnce(trx, name);
  });
}

async function applyOnce(trx: Transaction, name: string): Promise<void> {
  const sql = await readFile(join(MIGRATIONS, name), 'utf8');
  const digest = createHash('sha256').update(sql).digest('hex');
  const found = await trx.raw<{ rows: { digest: string }[] }>('select digest from migrations where name = ?', [name]);
  const applied = found.rows[0];
  if (applied === undefined) {
    await trx.raw(sql);
    await trx.raw('insert into migrations (name, digest) values (?, ?)', [name, digest]);
    return;
  }
  if (applied.digest !== digest) {
    throw new Error(`migration ${name} was changed after it had been applied; write a new one instead`);
  }
}
