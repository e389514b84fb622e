import knex, { type Knex } from 'knex';
import pg from 'pg';

import type { Instant } from '../billing/calendar/instant.ts';

export type Database = Knex;
export type Transaction = Knex.Transaction;

const INT8 = 20;
const TIMESTAMPTZ = 1184;

/** A statement may be sent before the one before it is answered. The query builder's types do not know of it, and its own statements wait. */
const PIPELINED = { pipeline: true };

/**
 * A pool on a Postgres database. Sessions run in UTC, so that a `timestamptz` arrives as an Instant, and a `bigint` as a safe integer
 * or not at all. Names are camelCase here and snake_case there.
 */
export function openDatabase(url: string, poolSize = 20): Database {
  return knex({
    client: 'pg',
    connection: { connectionString: url, types: { getTypeParser }, options: '-c TimeZone=UTC', ...PIPELINED },
    pool: { min: 0, max: poolSize },
    wrapIdentifier: (name, wrap) => wrap(snakeCase(name)),
    postProcessResponse: camelRows,
    // Knex writes to standard output, which belongs to documents. That no connection can be had is thrown at whoever wants one, too.
    log: {
      error: toStandardError,
      deprecate: toStandardError,
      debug: toStandardError,
      warn: unlessThrown(toStandardError),
    },
  });
}

/**
 * A bare pool with the same types, for statements that are too frequent for a query builder. Names are the database's; `options` are
 * settings of its sessions, as Postgres' own `-c name=value`.
 */
export function openPool(url: string, poolSize: number, options = ''): pg.Pool {
  const types = { getTypeParser };
  const pool = new pg.Pool({ connectionString: url, types, options: `-c TimeZone=UTC ${options}`, max: poolSize });
  // A connection that breaks while nobody uses it has left the pool already; whoever needs one gets another, or hears why not.
  pool.on('error', () => undefined);
  return pool;
}

function unlessThrown(write: (message: string) => void): (message: string) => void {
  return (message) => {
    if (!message.startsWith('Acquire connection error')) write(message);
  };
}

function toStandardError(message: string): void {
  process.stderr.write(`${message}\n`);
}

export function isTransaction(db: Database | Transaction): db is Transaction {
  return db.isTransaction === true;
}

/** A connection out of a pool, or the one of a transaction, for what goes past the query builder. */
export async function onConnection<Result>(
  db: Database | Transaction,
  use: (connection: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = db.client as {
    acquireConnection: () => Promise<pg.Client>;
    releaseConnection: (connection: pg.Client) => Promise<void>;
  };
  const connection = await client.acquireConnection();
  try {
    return await use(connection);
  } finally {
    await client.releaseConnection(connection);
  }
}

/**
 * Several reads as of one instant: a boundary that is worked off meanwhile is in all of them or in none. Inside a transaction the
 * caller's lock already sees to that.
 */
export async function readConsistently<Result>(
  db: Database | Transaction,
  read: (snapshot: Database | Transaction) => Promise<Result>,
): Promise<Result> {
  if (isTransaction(db)) return read(db);
  return db.transaction(read, { isolationLevel: 'repeatable read', readOnly: true });
}

/** Its types name only the types that pg knows; a server has others. */
const textParser = pg.types.getTypeParser as (oid: number, format: 'text') => (value: string) => unknown;

function getTypeParser(oid: number): (value: string) => unknown {
  if (oid === INT8) return parseSafeInteger;
  if (oid === TIMESTAMPTZ) return parseTimestamp;
  // `never`: pg lists the types it knows, and a server has others.
  return textParser(oid, 'text');
}

function parseSafeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} does not fit a safe integer`);
  return value;
}

/** Postgres writes `2027-01-31 00:00:00+00` in a UTC session. */
function parseTimestamp(text: string): Instant {
  return `${text.slice(0, 10)}T${text.slice(11, 19)}Z` as Instant;
}

const columnNames = new Map<string, string>();

/** The name of a column there. Kept, because there are few, and each is asked for with every row. */
export function snakeCase(name: string): string {
  const known = columnNames.get(name);
  if (known !== undefined) return known;
  const column = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  columnNames.set(name, column);
  return column;
}

export function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}

/** Renames the columns of a result, not what is inside a JSON column. */
function camelRows(response: unknown): unknown {
  if (Array.isArray(response)) return response.map(camelRow);
  if (isResult(response)) return { ...response, rows: response.rows.map(camelRow) };
  return camelRow(response);
}

function isResult(response: unknown): response is { rows: unknown[] } {
  return typeof response === 'object' && response !== null && 'rows' in response && Array.isArray(response.rows);
}

function camelRow(row: unknown): unknown {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return row;
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [camelCase(name), value as unknown]));
}
