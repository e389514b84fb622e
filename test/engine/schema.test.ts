import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { type Database, openDatabase } from '../../db/database.ts';
import { migrate } from '../../db/migrate.ts';
import { schemaText } from '../../db/schema-text.ts';
import { openAppLogin } from '../../stack/postgres/app-login.ts';

const WRITTEN = new URL('../../db/schema.sql', import.meta.url);

const databases: Database[] = [];
let admin: pg.Client;
beforeAll(async () => {
  admin = new pg.Client({ connectionString: inject('stack').databaseUrl });
  await admin.connect();
});
afterAll(async () => {
  for (const db of databases) await db.destroy();
  await admin.end();
});

/** A database with nothing in it. */
async function freshDatabase(): Promise<{ readonly url: string; readonly db: Database }> {
  const name = `schema_${randomBytes(4).toString('hex')}`;
  await admin.query(`create database ${name}`);
  const url = new URL(inject('stack').databaseUrl);
  url.pathname = `/${name}`;
  const db = openDatabase(url.href, 2);
  databases.push(db);
  return { url: url.href, db };
}

/** What the migrations of before the first release left in a database, as far as anybody looks at it. */
async function databaseOfBefore(): Promise<{ readonly url: string; readonly db: Database }> {
  const fresh = await freshDatabase();
  await fresh.db.raw('create table migrations (name text primary key, digest text not null)');
  await fresh.db.raw("insert into migrations values ('0001_accounts.sql', 'a'), ('app-rights.sql', 'b')");
  return fresh;
}

describe('the schema', () => {
  it('given a fresh database, when migrated, then its schema is the one in db/schema.sql', async () => {
    const { url, db } = await freshDatabase();
    await migrate(url);
    const text = await schemaText(db);
    // Whoever changes the schema writes it anew, with `npm run schema`, and sees in the difference what has changed.
    expect(text).toBe(readFileSync(WRITTEN, 'utf8'));
    // A month of the ledger that was used is no change of the schema.
    await db.raw("select make_usage_month('2031-05-01T00:00:00Z')");
    expect(await schemaText(db)).toBe(text);
  });

  it('given a fresh database, when anything in it is changed, then its text tells', async () => {
    const { url, db } = await freshDatabase();
    await migrate(url);
    const before = await schemaText(db);
    for (const change of CHANGES) {
      const trx = await db.transaction();
      await trx.raw(change);
      const after = await schemaText(trx);
      await trx.rollback();
      expect(after, change).not.toBe(before);
    }
    expect(await schemaText(db)).toBe(before);
  });
});

const CHANGES = [
  'alter table members add column nickname text',
  'alter table members alter column login drop not null',
  "alter table members alter column login set default 'nobody'",
  'alter table members alter column state_since type date',
  'alter table members drop constraint members_check',
  'alter table members set (fillfactor = 90)',
  'alter table invoices drop constraint invoices_account_id_number_key',
  'drop index invoices_live',
  'create index on usage_events (meter)',
  'drop trigger invoices_go_forward on invoices',
  'alter table audit_entries disable trigger audit_entries_are_final',
  'drop function number_invoice',
  'alter function number_invoice(text, text, bigint) security invoker',
  'grant execute on function number_invoice(text, text, bigint) to public',
  'revoke insert on members from perennial_app',
  'grant update (total) on invoices to perennial_app',
  'grant select on invoices to public',
  'create table another ()',
  'create view another as select account_id from accounts',
  "create type another as enum ('one')",
  'create sequence another',
];

describe('a database of another version', () => {
  const WHAT_TO_DO = /before the first release.*Start with a fresh database.*\.perennial\//;

  it('given one from before the baseline, when migrated, by its owner or by the engine’s login, then it is refused with what to do, and left as it was', async () => {
    const { url, db } = await databaseOfBefore();
    await expect(migrate(url)).rejects.toThrow(WHAT_TO_DO);
    await expect(migrate(url)).rejects.toMatchObject({ code: 'DATABASE_OLDER_THAN_BASELINE' });
    await db.raw('grant select on migrations to perennial_app');
    await expect(migrate(await openAppLogin(url))).rejects.toThrow(WHAT_TO_DO);
    const { rows } = await db.raw<{ rows: { name: string }[] }>(
      "select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'",
    );
    expect(rows).toEqual([{ name: 'migrations' }]);
  });

  it('given one that a newer version has migrated, when migrated, then it is taken as it is', async () => {
    const { url, db } = await freshDatabase();
    await migrate(url);
    await db('migrations').insert({ name: '0002_of_tomorrow.sql', digest: 'a' });
    await migrate(url);
    await migrate(await openAppLogin(url));
  });
});
