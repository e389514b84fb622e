import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import type { Transaction } from './database.ts';

/** What the engine may run under, as a member of it. */
export const APP_ROLE = 'perennial_app';

const RIGHTS = new URL('./app-rights.sql', import.meta.url);

/** Kept beside the digests of migrations: a name that none of them has. */
const APPLIED = 'app-rights.sql';

/**
 * Gives the role its rights in this database, and makes it where there is none. Not a migration, because roles are the server's and not the
 * database's: a dump that is restored elsewhere comes without them. Answers the user who may not make roles, where that is so: all goes on without
 * the role, under the owner of the tables.
 */
export async function grantToApp(trx: Transaction): Promise<string | null> {
  const sql = await readFile(RIGHTS, 'utf8');
  const digest = createHash('sha256').update(sql).digest('hex');
  if (await isGranted(trx, digest)) return null;
  const refused = await makeRole(trx);
  if (refused !== null) return refused;
  const [schema] = (await trx.raw<{ rows: { name: string }[] }>('select quote_ident(current_schema()) as name')).rows;
  await trx.raw(sql.replaceAll('current_schema', schema?.name ?? 'public'));
  await trx('migrations').insert({ name: APPLIED, digest }).onConflict('name').merge();
  return null;
}

/** The same file, given to the role that is there now: one that was dropped since took its rights along. */
async function isGranted(trx: Transaction, digest: string): Promise<boolean> {
  const found = await trx.raw<{ rows: unknown[] }>(
    `select from migrations, pg_roles
     where name = ? and digest = ? and rolname = ? and has_table_privilege(pg_roles.oid, 'accounts', 'select')`,
    [APPLIED, digest, APP_ROLE],
  );
  return found.rows.length === 1;
}

/** Another database of the same server may be making it just now: whoever comes second waits for the first, and is told that it is there. */
async function makeRole(trx: Transaction): Promise<string | null> {
  await trx.raw(`do $$ begin
    if not exists (select from pg_roles where rolname = '${APP_ROLE}') then create role ${APP_ROLE} nologin; end if;
  exception when duplicate_object or unique_violation or insufficient_privilege then null;
  end $$`);
  const found = await trx.raw<{ rows: { me: string; isThere: boolean }[] }>(
    'select current_user as me, exists (select from pg_roles where rolname = ?) as is_there',
    [APP_ROLE],
  );
  const [{ me, isThere } = { me: '', isThere: true }] = found.rows;
  return isThere ? null : me;
}
