/** Told about each change, so that it can be written down before the answer is sent. */
export type Recorder = (collection: string, id: string, value: object | null) => void;

interface Entry<T> {
  readonly position: number;
  value: T;
}

/**
 * Objects of one kind in the order they were created. Values are replaced, never changed in place: an event may
 * therefore keep the object it saw without a copy.
 */
export class Collection<T extends { readonly id: string }> {
  readonly name: string;
  readonly #record: Recorder;
  readonly #byId = new Map<string, Entry<T>>();
  readonly #inOrder: (T | null)[] = [];
  readonly #groupOf: (value: T) => string | null;
  readonly #groups = new Map<string, number[]>();

  /** `groupOf` names what `inGroup` looks up without a scan, for example an invoice's customer. It must never change. */
  constructor(name: string, record: Recorder, groupOf: (value: T) => string | null = () => null) {
    this.name = name;
    this.#record = record;
    this.#groupOf = groupOf;
  }

  get(id: string): T | undefined {
    return this.#byId.get(id)?.value;
  }

  put(value: T): T {
    this.#record(this.name, value.id, value);
    const entry = this.#byId.get(value.id);
    if (entry !== undefined) {
      entry.value = value;
      this.#inOrder[entry.position] = value;
      return value;
    }
    const position = this.#inOrder.push(value) - 1;
    this.#byId.set(value.id, { position, value });
    const group = this.#groupOf(value);
    if (group !== null) {
      const members = this.#groups.get(group);
      if (members === undefined) this.#groups.set(group, [position]);
      else members.push(position);
    }
    return value;
  }

  delete(id: string): void {
    const entry = this.#byId.get(id);
    if (entry === undefined) return;
    this.#record(this.name, id, null);
    this.#inOrder[entry.position] = null;
    this.#byId.delete(id);
  }

  clear(): void {
    for (const id of this.#byId.keys()) this.#record(this.name, id, null);
    this.#byId.clear();
    this.#groups.clear();
    this.#inOrder.length = 0;
  }

  /** Oldest first. */
  *all(): Generator<T> {
    for (const value of this.#inOrder) if (value !== null) yield value;
  }

  /** Newest first. */
  *newestFirst(): Generator<T> {
    for (let position = this.#inOrder.length - 1; position >= 0; position -= 1) {
      const value = this.#inOrder[position];
      if (value !== null && value !== undefined) yield value;
    }
  }

  /** Oldest first. */
  inGroup(group: string): T[] {
    const members: T[] = [];
    for (const position of this.#groups.get(group) ?? []) {
      const value = this.#inOrder[position];
      if (value !== null && value !== undefined) members.push(value);
    }
    return members;
  }

  get size(): number {
    return this.#byId.size;
  }
}
