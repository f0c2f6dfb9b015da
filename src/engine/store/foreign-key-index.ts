import { bytesOfKey, FIELD_BYTES, MAP_ENTRY_BYTES, OBJECT_BYTES } from './memory-bytes.ts';
import type { Spillable, Spilling, SpillingMap } from './spilling-map.ts';
import type { StateSpace } from './state-space.ts';
import type { StoreKey } from './store-key.ts';
import { writeValue } from './value-bytes.ts';

/** The first row with a foreign key. */
class Head implements Spillable {
  first: StoreKey;
  mark = 0;

  constructor(first: StoreKey) {
    this.first = first;
  }
}

/** A row between others with the same foreign key. */
class Link implements Spillable {
  readonly foreignKey: StoreKey;
  before: StoreKey | null;
  after: StoreKey | null;
  mark = 0;

  constructor(foreignKey: StoreKey, before: StoreKey | null, after: StoreKey | null) {
    this.foreignKey = foreignKey;
    this.before = before;
    this.after = after;
  }
}

const HEADS: Spilling<Head> = {
  mayGo: () => true,
  write: ({ first }, out) => writeValue(first, out),
  read: (from) => new Head(from.next() as StoreKey),
  bytesOf: (key) => MAP_ENTRY_BYTES + OBJECT_BYTES + 2 * FIELD_BYTES + bytesOfKey(key),
};

const LINKS: Spilling<Link> = {
  mayGo: () => true,
  write: ({ foreignKey, before, after }, out) => {
    for (const value of [foreignKey, before, after]) writeValue(value, out);
  },
  read: (from) =>
    new Link(from.next() as StoreKey, from.next() as StoreKey | null, from.next() as StoreKey | null),
  // The keys beside it are the neighbours' own.
  bytesOf: (key) => MAP_ENTRY_BYTES + OBJECT_BYTES + 4 * FIELD_BYTES + bytesOfKey(key),
};

/**
 * Which rows of a table have a foreign key: for each one a list, linked from row to row by their keys. So an entry is
 * small however many rows share a foreign key, changes in constant time, and may go to disk alone.
 *
 *   heads   7 --> b
 *   links   a: 7, after b        b: 7, before a        c: 9
 */
export class ForeignKeyIndex {
  readonly #heads: SpillingMap<Head>;
  readonly #links: SpillingMap<Link>;

  constructor(state: StateSpace) {
    this.#heads = state.map(HEADS);
    this.#links = state.map(LINKS);
  }

  /** Of a row; null when it has none. */
  foreignKeyOf(key: StoreKey): StoreKey | null {
    return this.#links.get(key)?.foreignKey ?? null;
  }

  /** Null: the row is gone, or has no foreign key any more. */
  set(key: StoreKey, foreignKey: StoreKey | null): void {
    const link = this.#links.get(key);
    if ((link?.foreignKey ?? null) === foreignKey) return;
    if (link !== undefined) this.#remove(key, link);
    if (foreignKey !== null) this.#add(key, foreignKey);
  }

  /** In no promised order. */
  keysWith(foreignKey: StoreKey): StoreKey[] {
    const keys: StoreKey[] = [];
    for (let key = this.#heads.get(foreignKey)?.first ?? null; key !== null; key = this.#linkOf(key).after)
      keys.push(key);
    return keys;
  }

  #add(key: StoreKey, foreignKey: StoreKey): void {
    const head = this.#heads.get(foreignKey);
    const after = head?.first ?? null;
    this.#links.add(key, new Link(foreignKey, null, after));
    if (after !== null) this.#change(after, (link) => (link.before = key));
    if (head === undefined) this.#heads.add(foreignKey, new Head(key));
    else this.#setFirst(head, key);
  }

  #remove(key: StoreKey, { foreignKey, before, after }: Link): void {
    this.#links.delete(key);
    if (after !== null) this.#change(after, (link) => (link.before = before));
    if (before !== null) this.#change(before, (link) => (link.after = after));
    else if (after === null) this.#heads.delete(foreignKey);
    else this.#setFirst(this.#heads.get(foreignKey) as Head, after);
  }

  #setFirst(head: Head, key: StoreKey): void {
    head.first = key;
    this.#heads.changed(head);
  }

  #change(key: StoreKey, change: (link: Link) => void): void {
    const link = this.#linkOf(key);
    change(link);
    this.#links.changed(link);
  }

  #linkOf(key: StoreKey): Link {
    return this.#links.get(key) as Link;
  }
}
