/** Something to be done for one account. */
export interface Work {
  readonly accountId: string;
  /** How much of a batch it takes. */
  readonly size: number;
}

/** Batches under way at once: while Postgres commits one, the next is decided. */
const LARGEST_FLIGHT = 3;
/** A batch takes whatever waits, up to so much (or one work that is bigger). */
const LARGEST_BATCH = 1_000;

/**
 * Lets work that comes from many sides share batches, and commits: whatever arrives while a batch is under way joins the next. An account
 * is in one batch at a time, so that a hot one is not decided about twice at once and its batches find what they expect.
 */
export class WorkQueue<W extends Work> {
  readonly #run: (batch: ReadonlyMap<string, readonly W[]>) => Promise<void>;
  /** Of accounts that are in no batch, in the order in which they came. */
  readonly #ready = new Map<string, W[]>();
  /** Of accounts that are in a batch. */
  readonly #behind = new Map<string, W[]>();
  #flying = 0;
  #isStarting = false;
  #idle: (() => void)[] = [];

  /** `run` answers for its work itself, and never throws. */
  constructor(run: (batch: ReadonlyMap<string, readonly W[]>) => Promise<void>) {
    this.#run = run;
  }

  add(work: W): void {
    const line = this.#behind.get(work.accountId) ?? this.#ready.get(work.accountId);
    if (line === undefined) this.#ready.set(work.accountId, [work]);
    else line.push(work);
    this.#start();
  }

  /** Resolves when nothing waits and nothing is under way. */
  idle(): Promise<void> {
    if (this.#flying === 0 && this.#ready.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** After what else arrived in this turn of the event loop. */
  #start(): void {
    if (this.#isStarting || this.#flying >= LARGEST_FLIGHT || this.#ready.size === 0) return;
    this.#isStarting = true;
    setImmediate(() => {
      this.#isStarting = false;
      this.#fly();
      this.#start();
    });
  }

  #fly(): void {
    const batch = this.#take();
    this.#flying += 1;
    void this.#run(batch).finally(() => {
      this.#flying -= 1;
      for (const accountId of batch.keys()) this.#land(accountId);
      this.#start();
      if (this.#flying > 0 || this.#ready.size > 0) return;
      for (const resolve of this.#idle.splice(0)) resolve();
    });
  }

  #take(): ReadonlyMap<string, readonly W[]> {
    const batch = new Map<string, readonly W[]>();
    let room = LARGEST_BATCH;
    for (const [accountId, line] of this.#ready) {
      let count = 0;
      for (const { size } of line) {
        if (size > room && room < LARGEST_BATCH) break;
        room -= size;
        count += 1;
      }
      if (count === 0) break;
      batch.set(accountId, line.splice(0, count));
      this.#ready.delete(accountId);
      this.#behind.set(accountId, line);
    }
    return batch;
  }

  #land(accountId: string): void {
    const line = this.#behind.get(accountId);
    this.#behind.delete(accountId);
    if (line !== undefined && line.length > 0) this.#ready.set(accountId, line);
  }
}
