import { type Database, onConnection, type Transaction } from './database.ts';
import { PipelinedTransaction } from './pipelined-transaction.ts';
import { queryOf, type Statement } from './statement.ts';

/** What statements run on. */
export type Queryable = Database | Transaction | PipelinedTransaction;

/** A statement, past the query builder, and its rows under the names that it gives them. */
export async function run<Row>(on: Queryable, statement: Statement): Promise<readonly Row[]> {
  if (on instanceof PipelinedTransaction) return on.run<Row>(statement);
  return onConnection(on, async (connection) => {
    const { rows } = await connection.query(queryOf(statement));
    return rows as readonly Row[];
  });
}

/** A statement that answers nothing: done by the end of the transaction. */
export async function write(on: Queryable, statement: Statement): Promise<void> {
  if (on instanceof PipelinedTransaction) on.write(statement);
  else await run(on, statement);
}
