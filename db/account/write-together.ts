import { snakeCase } from '../database.ts';
import { type Queryable, write as writeStatement } from '../run-statement.ts';

/** Rows of one table that belong to an account. */
export interface Write {
  readonly table: string;
  /** By what a row is known, which then changes; null: one that is there already is an error. */
  readonly key: readonly string[] | null;
  /** The columns that may change; absent: all; none: one that is there already stays as it is. */
  readonly may?: readonly string[];
  /** All of them are there: only the columns that may change are written. Default false. */
  readonly areThere?: boolean;
  readonly rows: readonly object[];
}

export interface AccountToWrite {
  readonly isNew: boolean;
  readonly row: Readonly<Record<string, unknown>> & { readonly accountId: string };
}

/**
 * Writes an account's row, and whatever is written with it, in one statement: one round trip. Postgres reads the rows as JSON, by the names and
 * types of their tables.
 */
export async function writeTogether(on: Queryable, account: AccountToWrite, writes: readonly Write[]): Promise<void> {
  const { accountId } = account.row;
  const clauses: string[] = [];
  const values: string[] = [];
  for (const write of writes) {
    if (write.rows.length === 0) continue;
    const rows = write.rows.map((row) => namedAsThere({ accountId, ...row }));
    // As one where it is one: of a set Postgres expects a hundred, and may read all of a table for it.
    const isOne = rows.length === 1;
    values.push(JSON.stringify(isOne ? rows[0] : rows));
    const reader = isOne ? 'json_populate_record' : 'json_populate_recordset';
    const from = `${reader}(null::${snakeCase(write.table)}, $${String(values.length)})`;
    const clause = write.areThere === true ? updateOf(write, from) : insertOf(write, columnsOf(rows), from);
    clauses.push(`w${String(clauses.length)} as (${clause})`);
  }
  const row = namedAsThere(account.row);
  const columns = listOf(Object.keys(row));
  values.push(JSON.stringify(row));
  const one = `select ${columns} from json_populate_record(null::accounts, $${String(values.length)})`;
  const main = account.isNew
    ? `insert into accounts (${columns}) ${one}`
    : // Its version tells everybody that it is another one.
      `update accounts set version = version + 1, (${columns}) = (${one}) where account_id = $${String(values.length + 1)}`;
  if (!account.isNew) values.push(accountId);
  const text = `${clauses.length === 0 ? '' : `with ${clauses.join(', ')} `}${main}`;
  // There are as many as there are kinds of decisions.
  await writeStatement(on, { name: nameOf(text), text, values });
}

function insertOf({ table, key, may }: Write, columns: readonly string[], from: string): string {
  const name = snakeCase(table);
  const list = listOf(columns);
  const insert = `insert into ${name} (${list}) select ${list} from ${from}`;
  if (key === null) return insert;
  const keys = key.map(snakeCase);
  const changing = may?.map(snakeCase) ?? columns.filter((column) => !keys.includes(column));
  if (changing.length === 0) return `${insert} on conflict (${listOf(keys)}) do nothing`;
  const changes = changing.map((column) => `"${column}" = excluded."${column}"`);
  return `${insert} on conflict (${listOf(keys)}) do update set ${changes.join(', ')}`;
}

function updateOf({ table, key, may }: Write, from: string): string {
  const name = snakeCase(table);
  const changes = (may ?? []).map(snakeCase).map((column) => `"${column}" = r."${column}"`);
  const same = (key ?? []).map(snakeCase).map((column) => `${name}."${column}" = r."${column}"`);
  return `update ${name} set ${changes.join(', ')} from ${from} r where ${same.join(' and ')}`;
}

type Row = Readonly<Record<string, unknown>>;

function namedAsThere(row: object): Row {
  const named: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(row)) named[snakeCase(name)] = value;
  return named;
}

function columnsOf(rows: readonly Row[]): readonly string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))];
}

/** Quoted: `interval` is a word of SQL, too. */
function listOf(columns: readonly string[]): string {
  return columns.map((column) => `"${column}"`).join(', ');
}

const names = new Map<string, string>();

function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = `save-decision-${String(names.size + 1)}`;
  names.set(text, name);
  return name;
}
