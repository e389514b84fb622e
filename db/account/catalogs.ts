import { createHash } from 'node:crypto';

import type { Catalog, CatalogVersion } from '../../billing/catalog/catalog.ts';
import type { Account } from '../../billing/model/facts.ts';
import { Refusal } from '../../billing/refusal.ts';
import type { Database, Transaction } from '../database.ts';
import { type Queryable, run } from '../run-statement.ts';

/** By digest. Published versions never change (CAT-2), so what was read once is true for good, in any database. */
const published = new Map<string, Catalog>();

export async function loadCatalog(db: Database | Transaction, name: string, version: number): Promise<Catalog> {
  const rows = await db('catalogs').where({ name, version }).select<{ digest: string }[]>('digest');
  const digest = rows[0]?.digest;
  if (digest === undefined) throw new Error(`catalog ${name} has no version ${String(version)}`);
  return publishedCatalog(db, name, digest);
}

/** The version of a catalog that has this digest; the database is asked for it once per process. */
export async function publishedCatalog(db: Queryable, name: string, digest: string): Promise<Catalog> {
  const known = published.get(digest);
  if (known !== undefined) return known;
  const text = 'select body from catalogs where name = $1 and digest = $2';
  const [row] = await run<{ body: Catalog }>(db, { name: 'published-catalog', text, values: [name, digest] });
  if (row === undefined) throw new Error(`catalog ${name} has no version with the digest ${digest}`);
  const catalog = asRead(row.body);
  published.set(digest, catalog);
  return catalog;
}

/**
 * The catalogs of one database, each read once per process: a published version never changes (CAT-2), so nothing has to be asked again.
 */
export class CatalogCache {
  readonly #db: Database;
  readonly #known = new Map<string, Promise<Catalog>>();

  constructor(db: Database) {
    this.#db = db;
  }

  get({ catalogName, catalogVersion }: Pick<Account, 'catalogName' | 'catalogVersion'>): Promise<Catalog> {
    const key = `${String(catalogVersion)} ${catalogName}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const reading = loadCatalog(this.#db, catalogName, catalogVersion);
    this.#known.set(key, reading);
    // What could not be read, because Postgres was away, is asked for again.
    reading.catch(() => this.#known.delete(key));
    return reading;
  }
}

/** The newest version of a catalog. @throws Refusal `unknown_catalog`. */
export async function newestCatalog(
  db: Database | Transaction,
  name: string,
): Promise<{ catalog: Catalog; version: number }> {
  const row = await db('catalogs').where({ name }).orderBy('version', 'desc').first('body', 'version');
  if (row !== undefined) return { catalog: asRead(row.body), version: row.version };
  const served = await db('catalogs').distinct('name').orderBy('name').limit(20);
  throw new Refusal({
    code: 'unknown_catalog',
    message: `There is no catalog "${name}"; this installation has ${served.map((each) => each.name).join(', ') || 'none'}.`,
    field: 'catalog',
  });
}

/** A version of a catalog, the newest where none is named. @throws Refusal `unknown_catalog`, `unknown_catalog_version`. */
export async function catalogVersionNamed(
  db: Database | Transaction,
  name: string,
  version: number | null,
): Promise<CatalogVersion> {
  const newest = await newestCatalog(db, name);
  if (version === null || version === newest.version) return newest;
  const row = await db('catalogs').where({ name, version }).first('body');
  if (row !== undefined) return { version, catalog: asRead(row.body) };
  throw new Refusal({
    code: 'unknown_catalog_version',
    message: `The catalog ${name} has no version ${String(version)}; the newest is version ${String(newest.version)}.`,
    field: 'version',
  });
}

/** The newest version of every catalog, by name. */
export async function newestCatalogs(
  db: Database,
): Promise<readonly { readonly version: number; readonly catalog: Catalog }[]> {
  const { rows } = await db.raw<{ rows: { version: number; body: Catalog }[] }>(
    'select distinct on (name) version, body from catalogs order by name, version desc',
  );
  return rows.map(({ version, body }) => ({ version, catalog: asRead(body) }));
}

/** Publishes a catalog: the same content again is the same version, other content the next one (CAT-2). */
export async function publishCatalog(db: Database, catalog: Catalog): Promise<{ name: string; version: number }> {
  const body = JSON.stringify(catalog);
  const digest = createHash('sha256').update(body).digest('hex');
  return db.transaction(async (trx) => {
    // One publisher of a name at a time, else two contents could ask for the same next version.
    await trx.raw('select pg_advisory_xact_lock(hashtext(?))', [`catalog ${catalog.name}`]);
    const versions = await trx('catalogs').where({ name: catalog.name }).select('version', 'digest');
    const same = versions.find((each) => each.digest === digest);
    if (same !== undefined) return { name: catalog.name, version: same.version };
    const version = 1 + Math.max(0, ...versions.map((each) => each.version));
    await trx('catalogs').insert({ name: catalog.name, version, digest, body });
    return { name: catalog.name, version };
  });
}

/** Versions that were published before there was a choice say nothing of it; seven days is what the rules give them (INV-5). */
function asRead(body: Catalog): Catalog {
  return { ...body, recoveryDays: (body as Partial<Catalog>).recoveryDays ?? 7 };
}
