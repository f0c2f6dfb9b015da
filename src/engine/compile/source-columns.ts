import type { Column } from '../../data/schema.ts';
import type { SqlType } from '../../data/types.ts';
import type { ScanField } from '../../serde/json-scanner.ts';
import type { Code, ColumnCode, PlainText } from '../../sql/compile/generator.ts';

/**
 * A column, or a field inside of one, that is decoded only if the steps below ask for it:
 *
 *   GAME STRUCT<SCORE, LIVES, LEVEL>    asked for GAME->SCORE    only that number is read, no struct is made
 *                                       asked for GAME too       the struct is read, SCORE taken from it
 *   USER STRING                         asked for its plain text only where it stands is noted, no string is made
 */
export class SourceColumn implements ColumnCode {
  readonly name: string;
  readonly type: SqlType;
  readonly local: string;
  /** Of a field: its place in its struct. */
  readonly index: number;
  readonly #fields = new Map<number, SourceColumn>();
  #isWhole = false;
  #isPlain = false;

  constructor({ name, type }: Column, local: string, index: number) {
    this.name = name;
    this.type = type;
    this.local = local;
    this.index = index;
  }

  code(): Code {
    this.#isWhole = true;
    return { js: this.local, nullable: true, simple: true };
  }

  plainText(): PlainText | undefined {
    if (this.type.kind !== 'STRING') return undefined;
    this.#isPlain = true;
    return { ...this.#place, value: this.local };
  }

  field(index: number): ColumnCode | undefined {
    if (this.type.kind !== 'STRUCT') return undefined;
    const known = this.#fields.get(index);
    if (known) return known;
    const field = this.type.fields[index];
    if (!field) return undefined;
    const column = new SourceColumn(field, `${this.local}_${index}`, index);
    this.#fields.set(index, column);
    return column;
  }

  /** Where that column, or field of one, stands: `path` for this one; undefined when it is none of it. */
  pathTo(column: ColumnCode, path: string): string | undefined {
    if (column === this) return path;
    for (const [index, field] of this.#fields) {
      const found = field.pathTo(column, `${path}.${index}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  get isUsed(): boolean {
    return this.#isWhole || this.#isPlain || this.#used().length > 0;
  }

  /** Every local that may be assigned. */
  locals(): string[] {
    const { start, end } = this.#place;
    const places = this.#isPlain ? [start, end] : [];
    return [this.local, ...places, ...this.#used().flatMap((field) => field.locals())];
  }

  /** The type as far as it is read. */
  get readType(): SqlType {
    if (this.#isWhole || this.type.kind !== 'STRUCT') return this.type;
    return { kind: 'STRUCT', fields: this.#used().map(({ name, readType }) => ({ name, type: readType })) };
  }

  scanField(): ScanField {
    const { name, type, local } = this;
    if (this.#isWhole) return { name, type, into: local };
    if (this.#isPlain) return { name, type, into: local, place: this.#place };
    return { name, type, into: this.#used().map((field) => field.scanField()) };
  }

  /** After the scan: takes the fields out of what was read whole. */
  takeFields(): string {
    return this.#used()
      .map((field) => (this.#isWhole ? field.#takeFrom(this.local) : field.takeFields()))
      .join('');
  }

  /** Assigns from a value of `readType`. */
  assign(value: string): string {
    if (this.#isPlain) return this.assignWhole(value);
    if (this.#isWhole) return `${this.local} = ${value};\n${this.takeFields()}`;
    return this.#used()
      .map((field, position) => field.assign(`(${value} === null ? null : ${value}[${position}])`))
      .join('');
  }

  /** Assigns from a value of the whole type. */
  assignWhole(value: string): string {
    // A scan that gave up may have noted a place before.
    const noPlace = this.#isPlain ? `${this.#place.start} = null;\n` : '';
    return `${this.local} = ${value};\n${noPlace}${this.#used()
      .map((field) => field.#takeFrom(this.local))
      .join('')}`;
  }

  /** From its struct, which was read whole. */
  #takeFrom(struct: string): string {
    return this.assignWhole(`${struct} === null ? null : ${struct}[${this.index}]`);
  }

  get #place(): { readonly start: string; readonly end: string } {
    return { start: `${this.local}_from`, end: `${this.local}_to` };
  }

  #used(): SourceColumn[] {
    return [...this.#fields.values()].filter((field) => field.isUsed);
  }
}
