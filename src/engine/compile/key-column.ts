import type { Buffer } from 'node:buffer';
import type { Code, ColumnCode, PlainText } from '../../sql/compile/generator.ts';
import type { Prefetchable } from '../store/key-prefetch.ts';
import { type KeyTable, NO_KEY } from '../store/key-table.ts';
import type { Numbered } from '../store/keyed-values.ts';
import { type Fragment, localColumn } from './fragment.ts';

/**
 * A column whose values are keys of stores: searched once, for all stores that number keys alike.
 *
 *   value, or where its text stands --find--> number --at--> row of a join's table
 *                                               |  '---at--> group
 *                                               '--> its text, for whoever asks: the one that stores have already
 */
export class KeyColumn implements ColumnCode {
  readonly keys: KeyTable;
  readonly #column: ColumnCode;
  readonly #place: PlainText | undefined;
  readonly #fragment: Fragment;
  /** The local that holds the key's number. */
  readonly #number: string;
  readonly #text: string;
  readonly #stores = new Set<Prefetchable>();
  #isAsked = false;

  private constructor(column: ColumnCode, keys: KeyTable, fragment: Fragment) {
    this.keys = keys;
    this.#column = column;
    this.#place = column.plainText?.();
    this.#fragment = fragment;
    this.#number = fragment.local('number');
    this.#text = fragment.local('text');
    fragment.keyUses.push({ column, keys, stores: this.#stores });
  }

  /**
   * The first of `columns` as a key of these stores, wherever it is among them, and the code that finds its number: to be
   * called when what follows is written.
   */
  static first(
    columns: readonly ColumnCode[],
    keys: KeyTable,
    fragment: Fragment,
  ): { readonly key: KeyColumn; readonly columns: readonly ColumnCode[]; readonly lines: () => string } {
    const first = columns[0] as ColumnCode;
    if (first instanceof KeyColumn && first.keys === keys) return { key: first, columns, lines: () => '' };
    const key = new KeyColumn(first, keys, fragment);
    return {
      key,
      columns: columns.map((column) => (column === first ? key : column)),
      lines: () => key.#lines(),
    };
  }

  code(): Code {
    if (this.#place === undefined) return this.#column.code();
    this.#isAsked = true;
    return localColumn(this.#text).code();
  }

  plainText(): PlainText | undefined {
    return this.#place;
  }

  /** An expression for the value where the stores may not have it yet. */
  late(): string {
    const place = this.#place;
    if (place === undefined) return this.#column.code().js;
    const read = this.#fragment.constant(asciiAt);
    return `(${place.start} === null ? ${place.value} : ${read}(b, ${place.start}, ${place.end}))`;
  }

  /** What a store has in memory of the key; undefined: nothing, or perhaps what `late` finds. */
  at(store: { at(number: number): unknown } & Prefetchable): string {
    this.#stores.add(store);
    return `${this.#fragment.constant(store)}.at(${this.#number})`;
  }

  /** Statements that look for the key in a store, into the local `found`: undefined when it is not there. */
  lookUp<Value>(store: Numbered<Value>, found: string): string {
    const from = this.#fragment.constant(store);
    const key = this.#fragment.local('key');
    return `let ${found} = ${this.at(store)};
if (${found} === undefined && ${from}.mayBeElsewhere) {
const ${key} = ${this.late()};
if (${key} !== null) ${found} = ${from}.get(${key});
}`;
  }

  #lines(): string {
    const table = this.#fragment.constant(this.keys);
    const [number, place] = [this.#number, this.#place];
    const value = place?.value ?? this.#column.code().js;
    const search = `${value} === null ? ${NO_KEY} : ${table}.find(${value})`;
    if (place === undefined) return `const ${number} = ${search};`;
    const { start, end } = place;
    const searchText = `const ${number} = ${start} !== null ? ${table}.findAscii(b, ${start}, ${end}) : ${search};`;
    if (!this.#isAsked) return searchText;
    return `${searchText}\nconst ${this.#text} = ${number} >= 0 ? ${table}.keyOf(${number}) : ${this.late()};`;
  }
}

function asciiAt(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('latin1', start, end);
}
