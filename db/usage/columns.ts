/** What a column holds, with the number that Postgres gives the type. */
const TYPES = {
  text: 25,
  jsonb: 3802,
  bigint: 20,
  integer: 23,
  boolean: 16,
  uuid: 2950,
  timestamptz: 1184,
} as const;

type Type = keyof typeof TYPES;

/** A column is written to by the method that has its type's name, once for each row. */
type ColumnOf<T extends Type> = Pick<Column, T>;

/**
 * Rows as columns, each a Postgres array in its binary form: for statements that take a thousand rows at once. Written here because the
 * driver's way looks at every element as if it could be anything, and because Postgres takes as long to read a thousand texts as to store
 * what they say.
 */
export class Columns<Types extends Readonly<Record<string, Type>>> {
  readonly to: { readonly [Name in keyof Types]: ColumnOf<Types[Name]> };
  readonly #columns: readonly Column[];

  constructor(types: Types) {
    const columns = Object.entries(types).map(([name, type]): [string, Column] => [name, new Column(type)]);
    this.#columns = columns.map(([, column]) => column);
    this.to = Object.fromEntries(columns) as unknown as typeof this.to;
  }

  /** In the order in which the columns were named. */
  get values(): readonly Buffer[] {
    return this.#columns.map((column) => column.value);
  }
}

/** Dimensions, whether there are nulls, the type, then count and lower bound of the one dimension. */
const HEADER_BYTES = 20;
const TWO_TO_32 = 4_294_967_296;
const POSTGRES_EPOCH_MS = Date.UTC(2000, 0, 1);

class Column {
  readonly #type: Type;
  #bytes = Buffer.allocUnsafe(256);
  #end = HEADER_BYTES;
  #count = 0;
  #hasNull = false;
  /** Rows that come together mostly have the same instants, and those are not cheap to read. */
  #lastInstant = '';
  #lastHigh = 0;
  #lastLow = 0;

  constructor(type: Type) {
    this.#type = type;
  }

  get value(): Buffer {
    const isEmpty = this.#count === 0;
    this.#bytes.writeInt32BE(isEmpty ? 0 : 1, 0);
    this.#bytes.writeInt32BE(this.#hasNull ? 1 : 0, 4);
    this.#bytes.writeInt32BE(TYPES[this.#type], 8);
    if (isEmpty) return this.#bytes.subarray(0, 12);
    this.#bytes.writeInt32BE(this.#count, 12);
    this.#bytes.writeInt32BE(1, 16);
    return this.#bytes.subarray(0, this.#end);
  }

  text(value: string | null): void {
    if (value === null) this.#null();
    else this.#string(value, 0);
  }

  /** Its text. */
  jsonb(json: string): void {
    this.#string(json, 1);
  }

  /** A safe integer. */
  bigint(value: number | null): void {
    if (value === null) {
      this.#null();
      return;
    }
    const at = this.#next(8);
    this.#bytes.writeInt32BE(Math.floor(value / TWO_TO_32), at);
    this.#bytes.writeUInt32BE(value >>> 0, at + 4);
  }

  integer(value: number): void {
    const at = this.#next(4);
    this.#bytes.writeInt32BE(value, at);
  }

  boolean(value: boolean): void {
    const at = this.#next(1);
    this.#bytes[at] = value ? 1 : 0;
  }

  /** 32 digits. */
  uuid(hex: string | null): void {
    if (hex === null) {
      this.#null();
      return;
    }
    const at = this.#next(16);
    const bytes = this.#bytes;
    for (let index = 0; index < 16; index++) {
      bytes[at + index] = 16 * digitOf(hex, 2 * index) + digitOf(hex, 2 * index + 1);
    }
  }

  /** An Instant. */
  timestamptz(value: string): void {
    if (value !== this.#lastInstant) {
      this.#lastInstant = value;
      const microseconds = BigInt(Date.parse(value) - POSTGRES_EPOCH_MS) * 1000n;
      this.#lastHigh = Number(microseconds >> 32n);
      this.#lastLow = Number(microseconds & 0xffff_ffffn);
    }
    const at = this.#next(8);
    this.#bytes.writeInt32BE(this.#lastHigh, at);
    this.#bytes.writeUInt32BE(this.#lastLow, at + 4);
  }

  #null(): void {
    this.#room(4);
    this.#bytes.writeInt32BE(-1, this.#end);
    this.#end += 4;
    this.#count += 1;
    this.#hasNull = true;
  }

  /** Makes the next element, of so many bytes, and answers where they go. */
  #next(length: number): number {
    this.#room(4 + length);
    this.#bytes.writeInt32BE(length, this.#end);
    const at = this.#end + 4;
    this.#end = at + length;
    this.#count += 1;
    return at;
  }

  /** Ids are short and mostly ASCII, and a loop is quicker there than asking for their length. `version` 1 is what `jsonb` begins with. */
  #string(text: string, version: 0 | 1): void {
    this.#room(5 + 3 * text.length);
    const bytes = this.#bytes;
    const start = this.#end + 4;
    let at = start;
    if (version === 1) bytes[at++] = 1;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code > 127) {
        at += bytes.write(text.slice(index), at, 'utf8');
        break;
      }
      bytes[at++] = code;
    }
    bytes.writeInt32BE(at - start, this.#end);
    this.#end = at;
    this.#count += 1;
  }

  #room(length: number): void {
    if (this.#end + length <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#end + length));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}

/** Of a lower-case hexadecimal digit: `a` has the code 97. */
function digitOf(hex: string, index: number): number {
  const code = hex.charCodeAt(index);
  return code < 58 ? code - 48 : code - 87;
}
