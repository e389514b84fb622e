import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Keeps the state across restarts: one JSON line per changed object, appended before the answer is sent, so that what
 * was acknowledged survives a kill -9 of this process. The file is rewritten (to a temporary name, then renamed) at start.
 */
export class Journal {
  /** The last of each object, by its name: within one request some change several times. Written in the order in which they changed first. */
  readonly #changes = new Map<string, readonly [collection: string, id: string, value: object | null]>();
  readonly #path: string;
  #descriptor: number | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** Calls `apply` for every change ever kept. A last line that was torn by a crash was never acknowledged: it is dropped. */
  replay(apply: (collection: string, id: string, value: object | null) => void): void {
    if (!existsSync(this.#path)) return;
    for (const line of readFileSync(this.#path, 'utf8').split('\n')) {
      if (line === '') continue;
      let change: unknown;
      try {
        change = JSON.parse(line);
      } catch {
        continue;
      }
      if (Array.isArray(change) && change.length === 3) {
        const [collection, id, value] = change as [string, string, object | null];
        apply(collection, id, value);
      }
    }
  }

  /** Starts over with what `record` is told by `everything`, atomically. */
  rewrite(everything: (record: (collection: string, id: string, value: object | null) => void) => void): void {
    mkdirSync(dirname(this.#path), { recursive: true });
    const temporary = `${this.#path}.new`;
    const descriptor = openSync(temporary, 'w');
    everything((collection, id, value) => {
      writeSync(descriptor, `${JSON.stringify([collection, id, value])}\n`);
    });
    closeSync(descriptor);
    renameSync(temporary, this.#path);
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = openSync(this.#path, 'a');
    this.#changes.clear();
  }

  record(collection: string, id: string, value: object | null): void {
    if (this.#descriptor !== null) this.#changes.set(`${collection} ${id}`, [collection, id, value]);
  }

  /** Writes what was recorded. */
  flush(): void {
    if (this.#descriptor === null || this.#changes.size === 0) return;
    const lines = [...this.#changes.values()].map((change) => JSON.stringify(change));
    writeSync(this.#descriptor, `${lines.join('\n')}\n`);
    this.#changes.clear();
  }

  close(): void {
    this.flush();
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }
}
