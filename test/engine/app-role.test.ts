import { randomBytes } from 'node:crypto';

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { INVOICE_STATUS_MOVES, type InvoiceStatus } from '../../billing/model/invoice-status.ts';
import { APP_ROLE } from '../../db/app-role.ts';
import { migrate } from '../../db/migrate.ts';
import { openAppLogin } from '../../stack/postgres/app-login.ts';
import { type Postgres, startPostgres } from '../../stack/postgres/start-postgres.ts';
import { freePorts } from '../../stack/process/ports.ts';
import { type Engine, openEngine, subscribedToCredits } from './engine-under-test.ts';

let engine: Engine;
/** What the engine itself may, and nothing else. */
let app: pg.Client;
beforeAll(async () => {
  engine = await openEngine();
  app = new pg.Client({ connectionString: engine.options.databaseUrl });
  await app.connect();
});
afterAll(async () => {
  await app.end();
  await engine.close();
});

async function codeOf(statement: Promise<unknown>): Promise<string> {
  try {
    await statement;
    return 'it was done';
  } catch (error) {
    if (error instanceof Error && 'code' in error) return String(error.code);
    throw error;
  }
}

/** Postgres' own codes. */
const REFUSED_BY_RIGHTS = '42501';
const REFUSED_BY_TRIGGER = 'P0001';

interface TableRights {
  readonly name: string;
  readonly rights: readonly string[];
}

/** Of every table of the schema; a partition is none of its own. */
async function rightsByTable(): Promise<readonly TableRights[]> {
  const found = await engine.db.raw<{ rows: TableRights[] }>(
    `select relname as name, array(
       select privilege from unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) privilege
       where has_table_privilege(?, pg_class.oid, privilege)
     ) as rights
     from pg_class where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p') and not relispartition order by relname`,
    [APP_ROLE],
  );
  return found.rows;
}

/** What is only added to, and what changes in some columns alone. */
const FINAL = [
  ...['audit_entries', 'catalogs', 'commands', 'credit_note_lines', 'credit_notes', 'invoice_lines', 'invoices'],
  ...['notices', 'usage_event_ids', 'usage_events', 'usage_reversals', 'webhook_tries'],
];

describe('AUD-2: the engine runs under a role that may what it does, and no more', () => {
  it('given the engine’s login, then it owns nothing, is no superuser, and the role is all that it has', async () => {
    const { rows } = await app.query<object>(
      `select rolname, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls,
         array(select roleid::regrole::text from pg_auth_members where member = pg_roles.oid) as roles,
         (select count(*)::int from pg_class where relowner = pg_roles.oid) as owned
       from pg_roles where rolname = current_user`,
    );
    const nothing = { rolsuper: false, rolcreaterole: false, rolcreatedb: false, rolbypassrls: false, owned: 0 };
    expect(rows).toEqual([{ rolname: 'perennial_engine', roles: [APP_ROLE], ...nothing }]);
    expect(await codeOf(app.query('create table mine ()'))).toBe(REFUSED_BY_RIGHTS);
  });

  it('given every table there is, also one that is added later, then the role can read it and add to it, and changes no final one', async () => {
    const tables = await rightsByTable();
    // Whoever adds a table says in db/app-rights.sql what the engine does with it.
    const closed = tables.filter(({ rights }) => !rights.includes('insert') || !rights.includes('select'));
    expect(closed).toEqual([{ name: 'migrations', rights: ['select'] }]);
    const final = tables.filter(({ rights }) => !['update', 'delete'].some((right) => rights.includes(right)));
    expect(final.map(({ name }) => name)).toEqual([...FINAL, 'migrations'].sort());
    expect(
      tables.filter(({ rights }) => ['truncate', 'trigger', 'references'].some((right) => rights.includes(right))),
    ).toEqual([]);
  });

  it('given a life from sign-up to a paid invoice and a credit note, when anybody then changes what was said, then role and trigger each refuse', async () => {
    const { accountId, advance } = await subscribedToCredits(engine, { now: '2031-01-31T00:00:00Z', capCents: 50_000 });
    await engine.perennial.recordUsage(accountId, { feature: 'ask', quantity: 30, id: 'one' });
    await advance('2031-03-02T00:00:00Z');
    const { invoices } = await engine.perennial.status(accountId);
    expect(invoices.map(({ status }) => status)).toEqual(['paid', 'paid']);
    const lines = [{ line: 1, amountCents: 100 }];
    const number = `${accountId}-0001`;
    await engine.perennial.execute(accountId, { type: 'creditInvoice', number, reason: 'Sorry', lines });

    const owner = engine.db;
    for (const statement of FORBIDDEN) {
      expect(await codeOf(app.query(statement)), `the role: ${statement}`).toBe(REFUSED_BY_RIGHTS);
      expect(await codeOf(Promise.resolve(owner.raw(statement))), `the owner: ${statement}`).toBe(REFUSED_BY_TRIGGER);
    }
    // Rights know columns and not rows: these the role may of what waits, and the trigger alone keeps from what is issued.
    for (const statement of REFUSED_BY_TRIGGER_ALONE) {
      expect(await codeOf(app.query(statement)), statement).toBe(REFUSED_BY_TRIGGER);
    }
  });
});

describe('INV-1 INV-4: how far an invoice has come changes forward alone', () => {
  // The table that the engine itself moves by: the trigger holds the same.
  const STATUSES = Object.keys(INVOICE_STATUS_MOVES) as InvoiceStatus[];
  /** An invoice that is as it says, whatever it was: without triggers, and as the owner. */
  async function invoiceThatIs(status: InvoiceStatus, accountId: string): Promise<string> {
    const invoiceId = `${accountId} ${randomBytes(8).toString('hex')}`;
    const [template] = await engine.db('invoices').where({ accountId }).limit(1);
    const { seatNumbers, keptSeats, commandIds } = template!;
    const row = {
      ...template!,
      invoiceId,
      number: status === 'draft' ? null : invoiceId,
      stripeInvoiceId: null,
      status,
    };
    const lists = { seatNumbers, keptSeats, commandIds };
    const written = Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, JSON.stringify(list)]));
    await engine.db('invoices').insert({ ...row, ...written });
    return invoiceId;
  }

  it('INV-1 INV-4 given an invoice in each status, when the engine’s role or the owner sets another, then only what the engine does is done', async () => {
    const { accountId } = await subscribedToCredits(engine, { now: '2031-01-31T00:00:00Z', capCents: 50_000 });
    const done: string[] = [];
    for (const from of STATUSES) {
      for (const to of STATUSES.filter((other) => other !== from)) {
        for (const [who, run] of Object.entries({
          role: (sql: string, id: string) => app.query(sql.replaceAll('?', '$1'), [id]),
          owner: (sql: string, id: string) => Promise.resolve(engine.db.raw(sql, [id])),
        })) {
          const id = await invoiceThatIs(from, accountId);
          const code = await codeOf(run(`update invoices set status = '${to}' where invoice_id = ?`, id));
          if (code === 'it was done') done.push(`${who}: ${from} → ${to}`);
          else expect({ who, from, to, code }).toEqual({ who, from, to, code: REFUSED_BY_TRIGGER });
        }
      }
    }
    const forward = Object.entries(INVOICE_STATUS_MOVES).flatMap(([from, next]) => next.map((to) => `${from} → ${to}`));
    expect(done.sort()).toEqual(forward.flatMap((move) => [`owner: ${move}`, `role: ${move}`]).sort());
    // What stays as it is may be said again: a try that failed, what Stripe says.
    const paid = await invoiceThatIs('paid', accountId);
    await app.query("update invoices set status = 'paid', stripe_status = 'paid' where invoice_id = $1", [paid]);
  });
});

const FORBIDDEN = [
  "update audit_entries set actor = 'nobody'",
  'delete from audit_entries',
  'truncate audit_entries',
  'update usage_events set units = units + 1',
  'delete from usage_events',
  'truncate usage_events',
  'delete from usage_events_2031_01',
  'truncate usage_events_2031_01',
  'delete from usage_event_ids',
  'truncate usage_event_ids',
  'delete from usage_reversals',
  'update invoices set total = total - 1',
  "update invoices set number = 'other' where number is not null",
  "update invoices set issued_at = issued_at + interval '1 day'",
  'delete from invoices',
  'truncate invoices cascade',
  'update invoice_lines set amount = 0',
  "update invoice_lines set description = 'something else'",
  'delete from invoice_lines',
  'truncate invoice_lines cascade',
  'update credit_notes set total = total - 1',
  'delete from credit_notes',
  'truncate credit_notes cascade',
  'update credit_note_lines set amount = 1',
  'delete from credit_note_lines',
  'truncate credit_note_lines',
];

const REFUSED_BY_TRIGGER_ALONE = [
  'update invoice_lines set invoice_id = null',
  "select number_invoice(invoice_id, 'other', 1) from invoices",
];

describe('a server of its own, on which there is no such role yet', () => {
  let postgres: Postgres;
  let admin: pg.Client;
  const names: string[] = [];
  beforeAll(async () => {
    const [port = 0] = await freePorts(1);
    postgres = await startPostgres({ keptIn: null, pickPort: () => Promise.resolve(port), logFile: null });
    admin = new pg.Client({ connectionString: postgres.url });
    await admin.connect();
  });
  afterAll(async () => {
    await admin.end();
    await postgres.child.stop();
  });

  /** A new database that `owner` owns; its address as that login. */
  async function databaseOf(owner: string, password: string): Promise<string> {
    const name = `of_${owner}_${randomBytes(4).toString('hex')}`;
    names.push(name);
    await admin.query(`create database ${name} owner ${owner}`);
    const url = new URL(postgres.url);
    url.pathname = name;
    url.username = owner;
    url.password = password;
    return url.href;
  }

  it('given databases that are migrated while another makes the role, then they wait for it, and it is good in each', async () => {
    const urls: string[] = [];
    for (const _each of [1, 2, 3]) urls.push(await databaseOf('perennial', new URL(postgres.url).password));
    await admin.query('begin');
    await admin.query(`create role ${APP_ROLE} nologin`);
    const migrating = Promise.all(urls.map((url) => migrate(url)));
    await vi.waitFor(async () => {
      expect((await admin.query('select from pg_locks where not granted')).rowCount).toBe(urls.length);
    }, 20_000);
    await admin.query('commit');
    await migrating;
    const logins = await Promise.all(urls.map((url) => openAppLogin(url)));
    for (const login of logins) {
      const client = new pg.Client({ connectionString: login });
      await client.connect();
      await client.query('select from accounts');
      await client.end();
    }
  });

  it('given an owner who may not make roles, when migrated, then that is said and all is there; and the role comes with the next start after it was made', async () => {
    for (const name of names) await admin.query(`drop database if exists ${name} with (force)`);
    await admin.query(`drop role if exists perennial_engine, ${APP_ROLE}`);
    await admin.query("create role plain login password 'plain'");
    const ownerUrl = await databaseOf('plain', 'plain');
    const said: string[] = [];
    await migrate(ownerUrl, (line) => said.push(line));
    await migrate(ownerUrl, (line) => said.push(line));
    expect(said).toEqual([expect.stringMatching(/^The database user plain may not create roles.*docs\/security\.md/)]);

    // The statements of docs/security.md.
    await admin.query(`create role ${APP_ROLE} nologin`);
    await admin.query(`create role billing login password 'billing' in role ${APP_ROLE}`);
    const url = new URL(ownerUrl);
    url.username = url.password = 'billing';
    const login = new pg.Client({ connectionString: url.href });
    await login.connect();
    try {
      expect(await codeOf(login.query('select from accounts'))).toBe(REFUSED_BY_RIGHTS);
      await migrate(ownerUrl);
      await login.query('select from accounts');
      await login.query("select make_usage_month('2040-05-01T00:00:00Z')");
      expect(await codeOf(login.query('select from usage_events_2040_05'))).toBe(REFUSED_BY_RIGHTS);
      // Who may not change the tables may still ask whether there is anything to do.
      await migrate(url.href);
    } finally {
      await login.end();
    }
  });
});
