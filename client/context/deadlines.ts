import type { Connection } from '@temporalio/client';

/**
 * Gives an end to whatever is asked of Temporal. The SDK passes it along in an AsyncLocalStorage, and as long as there is one in use, Node 20
 * follows every promise of the process, which costs the recording of an event a good part of its time: so it is put away whenever nobody
 * needs it.
 */
export class Deadlines {
  readonly #connection: Connection;
  #underWay = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
    // To connect had an end as well.
    this.#putAway();
  }

  /** @throws Error of gRPC when the time is over; what was asked may still be done. */
  async within<Result>(timeoutMs: number, act: () => Promise<Result>): Promise<Result> {
    this.#underWay++;
    try {
      return await this.#connection.withDeadline(Date.now() + timeoutMs, act);
    } finally {
      this.#underWay--;
      if (this.#underWay === 0) this.#putAway();
    }
  }

  #putAway(): void {
    this.#connection.callContextStorage.disable();
  }
}
