export interface BriefCacheOptions {
  /** How long an answer is taken for true. */
  readonly ttlMs: number;
  /** At most so many answers are kept; the oldest are forgotten first. */
  readonly maxEntries: number;
  readonly nowMs?: () => number;
}

interface Entry<Value> {
  readonly value: Value;
  readonly askedAtMs: number;
}

/**
 * Answers of the database, kept for a few seconds. What is in use is asked again at half its time, while the old answer still serves, so that
 * nobody waits for it; whoever asks at once for what is not known shares one question.
 */
export class BriefCache<Value> {
  readonly #load: (key: string) => Promise<Value>;
  readonly #options: BriefCacheOptions;
  readonly #entries = new Map<string, Entry<Value>>();
  readonly #asking = new Map<string, Promise<Value>>();

  constructor(load: (key: string) => Promise<Value>, options: BriefCacheOptions) {
    this.#load = load;
    this.#options = options;
  }

  /** What is known without asking. */
  peek(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const ageMs = this.#nowMs() - entry.askedAtMs;
    // A clock that was set back makes nothing live longer.
    if (ageMs < 0 || ageMs >= this.#options.ttlMs) return undefined;
    if (ageMs * 2 >= this.#options.ttlMs) this.#ask(key).catch(() => undefined);
    return entry.value;
  }

  get(key: string): Promise<Value> {
    const known = this.peek(key);
    return known === undefined ? this.#ask(key) : Promise.resolve(known);
  }

  /** What changed here is known here at once. */
  forget(key: string): void {
    this.#entries.delete(key);
    this.#asking.delete(key);
  }

  #ask(key: string): Promise<Value> {
    const asked = this.#asking.get(key);
    if (asked !== undefined) return asked;
    // The answer is as old as the question.
    const askedAtMs = this.#nowMs();
    const asking = this.#load(key)
      .then((value) => {
        // Forgotten meanwhile: the answer may be from before the change.
        if (this.#asking.get(key) === asking) this.#remember(key, { value, askedAtMs });
        return value;
      })
      .finally(() => {
        if (this.#asking.get(key) === asking) this.#asking.delete(key);
      });
    this.#asking.set(key, asking);
    return asking;
  }

  #remember(key: string, entry: Entry<Value>): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#options.maxEntries) return;
      this.#entries.delete(oldest);
    }
  }

  #nowMs(): number {
    return (this.#options.nowMs ?? Date.now)();
  }
}
