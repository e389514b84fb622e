import type pg from 'pg';

/** What Postgres prepares once per connection, under its name: planning takes longer than running. Values are `$1`, `$2` in the text. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** As the driver takes it. */
export function queryOf({ name, text, values }: Statement): pg.QueryConfig {
  return { name, text, values: [...values] };
}
