import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { APP_ROLE, grantToApp } from './app-role.ts';
import { type Database, openDatabase, type Transaction } from './database.ts';

const MIGRATIONS = fileURLToPath(new URL('./migrations/', import.meta.url));
/** Any number will do, as long as every migrating process asks for the same lock. */
const MIGRATION_LOCK = 7_240_531;

/** The first migration: every database has it, but for those that were made before there was a release. */
const BASELINE = '0001_baseline.sql';

/** For an owner of the tables only. */
const NEEDS_OWNER = 'set DATABASE_OWNER_URL to a login that owns the tables';

/** A database that was made before the baseline: no migration leads from its tables to those of now. */
class OlderThanBaseline extends Error {
  readonly code = 'DATABASE_OLDER_THAN_BASELINE';

  constructor() {
    super(
      'This database was made by a version from before the first release, and cannot be brought to this one. Start with a fresh database; ' +
        'where it is the one that `npm start` keeps, move the directory .perennial/ aside, and the next start makes another.',
    );
    this.name = 'OlderThanBaseline';
  }
}

/**
 * Brings a database to the newest schema. Several processes may try at once; each migration is applied once, whole or not at all. Where nothing is
 * left to do, whoever may read it may ask.
 * @throws OlderThanBaseline
 * @throws Error where something is left to do and the login may not.
 */
export async function migrate(databaseUrl: string, report: (line: string) => void = () => undefined): Promise<void> {
  const db = openDatabase(databaseUrl, 2);
  try {
    await migrateDatabase(db, report);
  } finally {
    await db.destroy();
  }
}

async function migrateDatabase(db: Database, report: (line: string) => void): Promise<void> {
  const files = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql')).sort();
  if (!(await isOwner(db))) {
    await assertNothingLeft(db, files);
    return;
  }
  await db.transaction(async (trx) => {
    await trx.raw('select pg_advisory_xact_lock(?)', [MIGRATION_LOCK]);
    await trx.raw('create table if not exists migrations (name text primary key, digest text not null)');
    refuseOlder(await appliedIn(trx));
    let count = 0;
    for (const name of files) count += (await applyOnce(trx, name)) ? 1 : 0;
    const refused = await grantToApp(trx);
    if (refused !== null && count > 0) {
      report(
        `The database user ${refused} may not create roles, so there is no role ${APP_ROLE} to run under. All works without it; ` +
          'docs/security.md has the statement with which an administrator makes it.',
      );
    }
  });
}

/** Whoever comes first to an empty database owns what it makes there. */
async function isOwner(db: Database): Promise<boolean> {
  const found = await db.raw<{ rows: { isOwner: boolean }[] }>(
    `select coalesce((select pg_has_role(relowner, 'usage') from pg_class where oid = to_regclass('migrations')), true) as is_owner`,
  );
  return found.rows[0]?.isOwner ?? true;
}

async function assertNothingLeft(db: Database, files: readonly string[]): Promise<void> {
  const applied = await appliedIn(db);
  refuseOlder(applied);
  const missing = files.filter((name) => !applied.has(name));
  if (missing.length === 0) return;
  throw new Error(`the database lacks ${missing.join(', ')}, and this login may not change its tables: ${NEEDS_OWNER}`);
}

async function appliedIn(db: Database | Transaction): Promise<ReadonlySet<string>> {
  const applied = await db('migrations').select<{ name: string }[]>('name');
  return new Set(applied.map(({ name }) => name));
}

/** One that a newer version has migrated is fine: its migrations leave room for this one. */
function refuseOlder(applied: ReadonlySet<string>): void {
  if (applied.size > 0 && !applied.has(BASELINE)) throw new OlderThanBaseline();
}

/** Whether it was left to be done. */
async function applyOnce(trx: Transaction, name: string): Promise<boolean> {
  const sql = await readFile(join(MIGRATIONS, name), 'utf8');
  const digest = createHash('sha256').update(sql).digest('hex');
  const found = await trx.raw<{ rows: { digest: string }[] }>('select digest from migrations where name = ?', [name]);
  const applied = found.rows[0];
  if (applied === undefined) {
    await trx.raw(sql);
    await trx.raw('insert into migrations (name, digest) values (?, ?)', [name, digest]);
    return true;
  }
  if (applied.digest !== digest) {
    throw new Error(`migration ${name} was changed after it had been applied; write a new one instead`);
  }
  return false;
}
