import type pg from 'pg';

import { type Database, onConnection } from './database.ts';
import { queryOf, type Statement } from './statement.ts';

/**
 * A transaction that waits for no answer that nobody needs: what is written goes out in one packet with the next statement that is read
 * from, or with the commit. What failed is thrown by then; Postgres refuses whatever came after it, and makes the commit undo all.
 */
export class PipelinedTransaction {
  readonly #connection: pg.Client;
  readonly #unsent: pg.QueryConfig[] = [{ text: 'begin' }];

  constructor(connection: pg.Client) {
    this.#connection = connection;
  }

  /** A statement and its rows. */
  async run<Row>(statement: Statement): Promise<readonly Row[]> {
    const { rows } = await this.#send(queryOf(statement));
    return rows as readonly Row[];
  }

  /** A statement that answers nothing, some time before the transaction has ended. */
  write(statement: Statement): void {
    this.#unsent.push(queryOf(statement));
  }

  async commit(): Promise<void> {
    const { command } = await this.#send({ text: 'commit' });
    // Where something failed before and its error was passed over, Postgres undoes all, and answers the commit with that.
    if (command !== 'COMMIT') throw new Error(`the transaction was not committed: Postgres answered ${command}`);
  }

  async rollback(): Promise<void> {
    this.#unsent.length = 0;
    await this.#send({ text: 'rollback' });
  }

  /** All that is unsent and this one: one packet there, one round trip. Answers what came of the last. */
  async #send(last: pg.QueryConfig): Promise<pg.QueryResult> {
    const [sent, ...before] = this.#inOnePacket(last, this.#unsent.splice(0));
    // The first that failed says why; those after it only that it did.
    for (const answer of await Promise.allSettled([...before, sent])) {
      if (answer.status === 'rejected') throw answer.reason;
    }
    return await sent;
  }

  #inOnePacket(
    last: pg.QueryConfig,
    before: readonly pg.QueryConfig[],
  ): readonly [Promise<pg.QueryResult>, ...Promise<pg.QueryResult>[]] {
    const { stream } = this.#connection.connection;
    stream.cork();
    try {
      const sent = before.map((query) => this.#connection.query(query));
      return [this.#connection.query(last), ...sent];
    } finally {
      stream.uncork();
    }
  }
}

/** What `act` does in a transaction of its own, all of it or nothing. */
export async function inPipelinedTransaction<Result>(
  db: Database,
  act: (trx: PipelinedTransaction) => Promise<Result>,
): Promise<Result> {
  return onConnection(db, async (connection) => {
    const trx = new PipelinedTransaction(connection);
    try {
      const result = await act(trx);
      await trx.commit();
      return result;
    } catch (error) {
      // Without a connection there is nothing to undo, and the pool gives out no such one again.
      await trx.rollback().catch(() => undefined);
      throw error;
    }
  });
}
