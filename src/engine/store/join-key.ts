import type { Row } from '../../data/schema.ts';
import {
  bytesOfKey,
  bytesOfValues,
  FIELD_BYTES,
  MAP_ENTRY_BYTES,
  NUMBER_BYTES,
  OBJECT_BYTES,
} from './memory-bytes.ts';
import type { Spillable, Spilling } from './spilling-map.ts';
import type { StoreKey } from './store-key.ts';
import { writeValue } from './value-bytes.ts';

export const LEFT = 0;
export const RIGHT = 1;
export type JoinSide = typeof LEFT | typeof RIGHT;

/** A row of one side, kept as long as rows of the other side may meet it. */
export class JoinRow {
  readonly key: JoinKey;
  readonly side: JoinSide;
  /** Of the columns that are read behind the join. */
  readonly values: Row;
  readonly timestampMs: number;
  /** Tells rows of a key apart that have the same time: 0, 1 ... as they came. */
  readonly number: number;
  /** Has had no partner, may still get one, and is to be told of without one if it does not. */
  isWaiting = false;
  isDirty = false;
  /** No longer in the store. */
  isGone = false;
  /** Its changelog holds it. */
  isSaved = false;

  constructor(key: JoinKey, side: JoinSide, values: Row, timestampMs: number, number: number) {
    this.key = key;
    this.side = side;
    this.values = values;
    this.timestampMs = timestampMs;
    this.number = number;
  }
}

/** Never changed: what a side has that never had a row. */
const NO_ROWS: JoinRow[] = [];

/** What there is of one key: its rows of both sides, each in the order of time, and of arrival where times are equal. */
export class JoinKey implements Spillable {
  mark = 0;
  readonly storeKey: StoreKey;
  readonly columns: Row;
  /** Of the (virtual) re-keyed input. */
  readonly partition: number;
  /** The span of time in which it was noted last for dropping rows of each side. */
  notedLeft = -1;
  notedRight = -1;
  /** Of both sides; while there are any it stays in memory. */
  dirtyRows = 0;
  rowBytes = 0;
  /** Without rows. */
  readonly ownBytes: number;
  /** As its format writes it, once somebody has needed that. */
  bytes: Uint8Array | undefined;
  /** Many keys have rows of one side only. */
  #left = NO_ROWS;
  #right = NO_ROWS;

  constructor(storeKey: StoreKey, columns: Row, partition: number) {
    this.storeKey = storeKey;
    this.columns = columns;
    this.partition = partition;
    this.ownBytes = KEY_BYTES + bytesOfKey(storeKey) + bytesOfValues(columns);
  }

  rows(side: JoinSide): readonly JoinRow[] {
    return side === LEFT ? this.#left : this.#right;
  }

  get isEmpty(): boolean {
    return this.#left.length === 0 && this.#right.length === 0;
  }

  insert(row: JoinRow, at: number): void {
    if (row.side === LEFT) {
      if (this.#left === NO_ROWS) this.#left = [row];
      else insertAt(this.#left, at, row);
    } else if (this.#right === NO_ROWS) this.#right = [row];
    else insertAt(this.#right, at, row);
  }

  remove(side: JoinSide, at: number, count: number): JoinRow[] {
    const rows = side === LEFT ? this.#left : this.#right;
    if (count < rows.length) return rows.splice(at, count);
    if (side === LEFT) this.#left = NO_ROWS;
    else this.#right = NO_ROWS;
    return rows;
  }
}

function insertAt(rows: JoinRow[], at: number, row: JoinRow): void {
  if (at === rows.length) rows.push(row);
  else rows.splice(at, 0, row);
}

/** The first of the rows, which are in the order of time, that is not before `fromMs`: often the first of all. */
export function firstFrom(rows: readonly JoinRow[], fromMs: number): number {
  if (rows.length > 0 && (rows[0] as JoinRow).timestampMs >= fromMs) return 0;
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rows[middle] as JoinRow).timestampMs < fromMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

const ROW_BYTES = OBJECT_BYTES + 10 * FIELD_BYTES + NUMBER_BYTES;
const KEY_BYTES = MAP_ENTRY_BYTES + 3 * OBJECT_BYTES + 15 * FIELD_BYTES;

export function bytesOfRow({ values }: JoinRow): number {
  return ROW_BYTES + bytesOfValues(values);
}

/** A key on disk: its columns, partition, and for each row side, time, number, whether it waits, values. */
export const JOIN_KEYS: Spilling<JoinKey> = {
  mayGo: ({ dirtyRows }) => dirtyRows === 0,
  write: (key, out) => {
    const rows = [...key.rows(LEFT), ...key.rows(RIGHT)];
    writeValue(key.columns, out);
    writeValue(key.partition, out);
    writeValue(rows.length, out);
    for (const row of rows)
      writeValue([row.side, row.timestampMs, row.number, row.isWaiting, row.values], out);
  },
  read: (from, storeKey) => {
    const key = new JoinKey(storeKey, from.next() as Row, from.next() as number);
    for (let left = from.next() as number; left > 0; left--) {
      const [side, timestampMs, number, isWaiting, values] = from.next() as [
        JoinSide,
        number,
        number,
        boolean,
        Row,
      ];
      const row = new JoinRow(key, side, values, timestampMs, number);
      row.isWaiting = isWaiting;
      row.isSaved = true;
      key.insert(row, key.rows(side).length);
      key.rowBytes += bytesOfRow(row);
    }
    return key;
  },
  bytesOf: (_, { ownBytes, rowBytes }) => ownBytes + rowBytes,
};
