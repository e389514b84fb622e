/**
 * Rows as columns, each a Postgres array in its text form: for statements that take a thousand rows at once. Written here because the
 * driver's way looks at every element as if it could be anything.
 */
export class Columns<Name extends string> {
  readonly #lists: Record<Name, string>;
  readonly #names: readonly Name[];

  constructor(...names: readonly Name[]) {
    this.#names = names;
    this.#lists = Object.fromEntries(names.map((name) => [name, ''])) as Record<Name, string>;
  }

  /** Numbers, instants, uuids: nothing that needs quotes. */
  plain(name: Name, value: string | number | null): void {
    this.#append(name, value === null ? 'NULL' : String(value));
  }

  text(name: Name, value: string | null): void {
    this.#append(name, value === null ? 'NULL' : quoted(value));
  }

  get values(): readonly string[] {
    return this.#names.map((name) => `{${this.#lists[name]}}`);
  }

  #append(name: Name, element: string): void {
    const list = this.#lists[name];
    this.#lists[name] = list === '' ? element : `${list},${element}`;
  }
}

const NEEDS_ESCAPE = /[\\"]/;

function quoted(text: string): string {
  return NEEDS_ESCAPE.test(text) ? `"${text.replace(/[\\"]/g, '\\$&')}"` : `"${text}"`;
}
