import { createHash } from 'node:crypto';

import type { Database } from '../../db/database.ts';

/** Every row of every table, with where it lies: a row that is written again lies elsewhere, even if it says the same. */
export type Dump = Readonly<Record<string, { readonly rows: number; readonly digest: string }>>;

const WRITTEN_MEANWHILE =
  /^(outbox|webhook_messages|webhook_deliveries|webhook_tries|mails|reconciliations|reconciliation_differences)$/;

/** For comparing a database before and after something that must write nothing. */
export async function dumpDatabase(
  db: Database,
  options: { readonly withoutRefusalCounts?: boolean } = {},
): Promise<Dump> {
  const tables = await db.raw<{ rows: { tableName: string }[] }>(
    "select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' order by 1",
  );
  const dump: Record<string, { rows: number; digest: string }> = {};
  for (const { tableName } of tables.rows) {
    // A worker may be sending what was said before, or comparing books: nothing that is under comparison writes there.
    if (WRITTEN_MEANWHILE.test(tableName)) continue;
    // What counts refusals is rewritten by them (CRE-6), so there only what it says is compared.
    const isContent = options.withoutRefusalCounts === true && tableName === 'meter_cycles';
    const row = isContent
      ? "(to_jsonb(t) - 'refusals')::text"
      : "t.ctid::text || ' ' || t.xmin::text || ' ' || to_jsonb(t)::text";
    const found = await db.raw<{ rows: { row: string }[] }>(`select ${row} as row from ${tableName} t order by 1`);
    const digest = createHash('sha256')
      .update(found.rows.map((each) => each.row).join('\n'))
      .digest('hex');
    dump[tableName] = { rows: found.rows.length, digest };
  }
  return dump;
}
