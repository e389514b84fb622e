/**
 * A Temporal server lets ten updates of one workflow be under way (`history.maxInFlightUpdates`) and refuses more, which the SDK repeats
 * with growing pauses. So the rest of a burst waits here, in order; some room is left for other clients.
 */
const AT_ONCE = 6;

interface Line {
  underWay: number;
  readonly waiting: (() => void)[];
}

export class UpdateGate {
  readonly #lines = new Map<string, Line>();
  readonly #shared = new Map<string, Promise<unknown>>();

  /** Runs `update` when fewer than the limit of this account's are under way. */
  async pass<Result>(accountId: string, update: () => Promise<Result>): Promise<Result> {
    const line = this.#lines.get(accountId) ?? { underWay: 0, waiting: [] };
    this.#lines.set(accountId, line);
    if (line.underWay < AT_ONCE) line.underWay++;
    else await new Promise<void>((resolve) => line.waiting.push(resolve));
    try {
      return await update();
    } finally {
      const next = line.waiting.shift();
      // Whoever is next takes over the place.
      if (next !== undefined) next();
      else if (--line.underWay === 0) this.#lines.delete(accountId);
    }
  }

  /** Askers of the same thing at the same time share one act and its answer. */
  async share<Result>(key: string, act: () => Promise<Result>): Promise<Result> {
    const underWay = this.#shared.get(key) as Promise<Result> | undefined;
    if (underWay !== undefined) return underWay;
    const begun = act().finally(() => this.#shared.delete(key));
    this.#shared.set(key, begun);
    return begun;
  }
}
