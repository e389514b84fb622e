/** Something to be done for one account. */
export interface Work {
  readonly accountId: string;
  /** How much of a batch it takes. */
  readonly size: number;
}

/** Work by account, in the order in which it came. */
export type Batch<W extends Work> = ReadonlyMap<string, readonly W[]>;

/** Batches under way at once: while Postgres commits one, the next is decided. */
const LARGEST_FLIGHT = 3;
/** A batch takes whatever waits, up to so much (or one work that is bigger). */
const LARGEST_BATCH = 1_000;
/** So much has to wait behind a batch before the next is made ready: less is better taken when that one has landed, together with more. */
const AHEAD_FROM = 256;

/** When a batch may act: after those before it that share an account with it. */
export interface Turn {
  /** Resolves when each of them has passed its turn on, or has landed. */
  readonly comes: Promise<unknown>;
  /** Lets those behind it act, though it has not landed yet. */
  readonly pass: () => void;
}

/** One that is under way. */
interface Flight {
  readonly passed: Promise<void>;
}

/**
 * Lets work that comes from many sides share batches, and commits: whatever arrives while a batch is under way joins the next. Where much
 * waits for the accounts of a batch, the next one is made ready meanwhile and acts when that has passed its turn on, so that an account's
 * batches are written one after the other and find what they expect.
 */
export class WorkQueue<W extends Work> {
  readonly #run: (batch: Batch<W>, turn: Turn) => Promise<void>;
  /** Of accounts that are in no batch, in the order in which they came. */
  readonly #ready = new Map<string, W[]>();
  /** Of accounts that are in a batch. */
  readonly #behind = new Map<string, W[]>();
  #behindSize = 0;
  /** The batches that an account is in: one, and one that is made ready behind it. */
  readonly #flights = new Map<string, readonly Flight[]>();
  #flying = 0;
  #isStarting = false;
  #idle: (() => void)[] = [];

  /**
   * `run` answers for its work itself, and never throws. It may prepare at once, but acts only after its turn has come.
   */
  constructor(run: (batch: Batch<W>, turn: Turn) => Promise<void>) {
    this.#run = run;
  }

  add(work: W): void {
    const { accountId, size } = work;
    const isBehind = this.#flights.has(accountId);
    const lines = isBehind ? this.#behind : this.#ready;
    if (isBehind) this.#behindSize += size;
    const line = lines.get(accountId);
    if (line === undefined) lines.set(accountId, [work]);
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
    if (this.#isStarting || this.#flying >= LARGEST_FLIGHT) return;
    if (this.#ready.size === 0 && this.#behindSize < AHEAD_FROM) return;
    this.#isStarting = true;
    setImmediate(() => {
      this.#isStarting = false;
      const batch = this.#take();
      if (batch.size === 0) return;
      this.#fly(batch);
      this.#start();
    });
  }

  #fly(batch: Batch<W>): void {
    const before = new Set([...batch.keys()].flatMap((accountId) => this.#flights.get(accountId) ?? []));
    this.#flying += 1;
    let pass = (): void => undefined;
    const flight: Flight = { passed: new Promise((resolve) => (pass = resolve)) };
    const comes = Promise.all([...before].map((each) => each.passed));
    void this.#run(batch, { comes, pass }).finally(() => {
      pass();
      this.#flying -= 1;
      for (const accountId of batch.keys()) this.#land(accountId, flight);
      this.#start();
      if (this.#flying > 0 || this.#ready.size > 0) return;
      for (const resolve of this.#idle.splice(0)) resolve();
    });
    for (const accountId of batch.keys()) {
      this.#flights.set(accountId, [...(this.#flights.get(accountId) ?? []), flight]);
    }
  }

  #take(): Batch<W> {
    const batch = new Map<string, readonly W[]>();
    const room = this.#takeReady(batch);
    if (this.#behindSize >= AHEAD_FROM) this.#takeAhead(batch, room);
    return batch;
  }

  /** Answers what room is left. */
  #takeReady(batch: Map<string, readonly W[]>): number {
    let room = LARGEST_BATCH;
    for (const [accountId, line] of this.#ready) {
      const taken = takeFrom(line, room);
      if (taken.length === 0) break;
      batch.set(accountId, taken);
      this.#ready.delete(accountId);
      if (line.length > 0) this.#behind.set(accountId, line);
      this.#behindSize += sizeOf(line);
      room -= sizeOf(taken);
    }
    return room;
  }

  #takeAhead(batch: Map<string, readonly W[]>, wholeRoom: number): void {
    let room = wholeRoom;
    for (const [accountId, line] of this.#behind) {
      if (batch.has(accountId) || this.#flights.get(accountId)?.length !== 1) continue;
      const taken = takeFrom(line, room);
      if (taken.length === 0) break;
      batch.set(accountId, taken);
      if (line.length === 0) this.#behind.delete(accountId);
      this.#behindSize -= sizeOf(taken);
      room -= sizeOf(taken);
    }
  }

  #land(accountId: string, flight: Flight): void {
    const others = (this.#flights.get(accountId) ?? []).filter((each) => each !== flight);
    if (others.length > 0) {
      this.#flights.set(accountId, others);
      return;
    }
    this.#flights.delete(accountId);
    const line = this.#behind.get(accountId);
    if (line === undefined) return;
    this.#behind.delete(accountId);
    this.#behindSize -= sizeOf(line);
    this.#ready.set(accountId, line);
  }
}

/** As much of a line as there is room for; the first of a whole batch in any case. */
function takeFrom<W extends Work>(line: W[], room: number): readonly W[] {
  let left = room;
  let count = 0;
  for (const { size } of line) {
    if (size > left && left < LARGEST_BATCH) break;
    left -= size;
    count += 1;
  }
  return line.splice(0, count);
}

function sizeOf(line: readonly Work[]): number {
  return line.reduce((sum, { size }) => sum + size, 0);
}
