import type { Row } from '../../data/schema.ts';
import {
  bytesOfKey,
  bytesOfValues,
  FIELD_BYTES,
  MAP_ENTRY_BYTES,
  NUMBER_BYTES,
  OBJECT_BYTES,
} from './memory-bytes.ts';
import type { Spillable, Spilling, SpillingMap } from './spilling-map.ts';
import type { StateSpace } from './state-space.ts';
import type { StoreKey } from './store-key.ts';
import { writeValue } from './value-bytes.ts';
import { WindowQueue } from './window-queue.ts';

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

/** What there is of one key: its rows of both sides, each in the order of time, and of arrival where times are equal. */
export class JoinKey implements Spillable {
  mark = 0;
  readonly storeKey: StoreKey;
  readonly columns: Row;
  /** Of the (virtual) re-keyed input. */
  readonly partition: number;
  readonly rows: readonly [JoinRow[], JoinRow[]] = [[], []];
  /** The span of time in which it was noted last for dropping rows of each side. */
  readonly noted: [number, number] = [-1, -1];
  /** Of both sides; while there are any it stays in memory. */
  dirtyRows = 0;
  rowBytes = 0;
  /** As its format writes it, once somebody has needed that. */
  bytes: Uint8Array | undefined;

  constructor(storeKey: StoreKey, columns: Row, partition: number) {
    this.storeKey = storeKey;
    this.columns = columns;
    this.partition = partition;
  }
}

/** The clock of one partition. */
export class JoinClock {
  readonly partition: number;
  /** The latest record of both sides, with or without a key or value. */
  streamTimeMs = -1;
  /** Stream time when rows that wait were last looked at: by then those were told of whose time had come. */
  lookedMs = -1;
  /** A record that is in no store has set stream time since. */
  isAhead = false;
  isDirty = false;
  readonly sides: readonly [SideClock, SideClock] = [new SideClock(), new SideClock()];

  constructor(partition: number) {
    this.partition = partition;
  }

  /** After all rows are loaded: the latest of them set stream time, unless what was written says otherwise. */
  settle(): void {
    const rowsMs = Math.max(this.sides[LEFT].latestMs, this.sides[RIGHT].latestMs);
    if (rowsMs > this.streamTimeMs) {
      this.streamTimeMs = rowsMs;
      this.lookedMs = rowsMs;
    }
    this.isAhead = this.lookedMs < this.streamTimeMs;
  }
}

export class SideClock {
  /** The latest row that was stored. */
  latestMs = -1;
  /** Keys that have rows, by spans of time: the unit in which rows are dropped. */
  readonly spans = new Map<number, StoreKey[]>();
  /** Not before this time has a whole span become too old. */
  nextDropMs = 0;
  /** Keys with rows that wait for a partner, by the rows' times. */
  readonly waiting = new WindowQueue<StoreKey>();
}

/** What a changelog has to take down. */
export type DirtyItem = JoinRow | JoinClock;

const SPANS = 16;

/**
 * The rows of both sides of a join:
 *
 *   key --> rows of the left, rows of the right            to find partners
 *   partition --> stream time                              to see which rows are too old
 *             --> per side: keys by span of time           to drop them, a span at a time
 *                           keys with waiting rows         to tell of them when nobody can come any more
 *
 * A side keeps rows that are not older than `retentionMs` before its latest; a key's rows are in memory or, where memory
 * is short, together on disk. A key stays with the partition in which it was first seen until all its rows are gone.
 */
export class JoinStore {
  readonly retentionMs: number;
  readonly #keys: SpillingMap<JoinKey>;
  readonly #spanMs: number;
  readonly #clocks: (JoinClock | undefined)[] = [];
  readonly #dirty: [DirtyItem[], JoinRow[]] = [[], []];
  readonly #sizes: [number, number] = [0, 0];

  constructor(state: StateSpace, retentionMs: number) {
    this.retentionMs = retentionMs;
    this.#keys = state.map(KEYS);
    this.#spanMs = Math.max(1, Math.ceil(retentionMs / SPANS));
  }

  size(side: JoinSide): number {
    return this.#sizes[side];
  }

  dirtyCount(side: JoinSide): number {
    return this.#dirty[side].length;
  }

  find(storeKey: StoreKey): JoinKey | undefined {
    return this.#keys.get(storeKey);
  }

  /** A key that has no rows yet. */
  open(storeKey: StoreKey, columns: Row, partition: number): JoinKey {
    const key = new JoinKey(storeKey, columns, partition);
    this.#keys.add(storeKey, key);
    return key;
  }

  clockOf(partition: number): JoinClock {
    let clock = this.#clocks[partition];
    if (clock === undefined) {
      clock = new JoinClock(partition);
      this.#clocks[partition] = clock;
    }
    return clock;
  }

  clocks(): JoinClock[] {
    return this.#clocks.filter((clock) => clock !== undefined);
  }

  /** Takes a new row in; undefined when it is too old to be met by any other. */
  add(key: JoinKey, side: JoinSide, values: Row, timestampMs: number): JoinRow | undefined {
    const clock = this.clockOf(key.partition).sides[side];
    if (timestampMs > clock.latestMs) {
      clock.latestMs = timestampMs;
      if (timestampMs >= clock.nextDropMs) this.#drop(clock, side, key);
    } else if (timestampMs < clock.latestMs - this.retentionMs) {
      return undefined;
    }
    const row = this.#insert(key, side, values, timestampMs);
    this.touch(row);
    return row;
  }

  /** A row as its changelog has it; a later record of it counts. */
  load(key: JoinKey, side: JoinSide, values: Row, timestampMs: number, number: number): JoinRow {
    const clock = this.clockOf(key.partition).sides[side];
    if (timestampMs > clock.latestMs) clock.latestMs = timestampMs;
    this.forget(key, side, timestampMs, number);
    const row = this.#insert(key, side, values, timestampMs, number);
    row.isSaved = true;
    return row;
  }

  /** A row that its changelog has deleted, or knows a later state of. */
  forget(key: JoinKey, side: JoinSide, timestampMs: number, number: number): void {
    const rows = key.rows[side];
    const at = rows.findIndex((row) => row.timestampMs === timestampMs && row.number === number);
    if (at >= 0) this.#remove(key, side, at, 1);
  }

  /** Of a key for whose row there was no place. */
  closeIfEmpty({ rows, storeKey }: JoinKey): void {
    if (rows[LEFT].length === 0 && rows[RIGHT].length === 0) this.#keys.delete(storeKey);
  }

  /** It is to be told of by `takeWaiting` unless it gets a partner before. */
  wait(row: JoinRow): void {
    row.isWaiting = true;
    this.clockOf(row.key.partition).sides[row.side].waiting.add(row.timestampMs, row.key.storeKey);
  }

  /** The rows of a side that still wait and are earlier than `endMs`: they wait no longer. */
  takeWaiting(clock: JoinClock, side: JoinSide, endMs: number): JoinRow[] {
    const taken: JoinRow[] = [];
    clock.sides[side].waiting.drainBefore(endMs, (storeKey, timestampMs) => {
      const key = this.#keys.get(storeKey);
      if (key === undefined) return;
      const rows = key.rows[side];
      for (let at = firstFrom(rows, timestampMs); at < rows.length; at++) {
        const row = rows[at] as JoinRow;
        if (row.timestampMs !== timestampMs) break;
        if (!row.isWaiting) continue;
        row.isWaiting = false;
        this.#keys.changed(key);
        taken.push(row);
      }
    });
    return taken;
  }

  /** The row is changed and has to be written at the next commit. */
  touch(row: JoinRow): void {
    if (row.isDirty) return;
    row.isDirty = true;
    row.key.dirtyRows++;
    this.#keys.changed(row.key);
    this.#dirty[row.side].push(row);
  }

  touchClock(clock: JoinClock): void {
    if (clock.isDirty) return;
    clock.isDirty = true;
    this.#dirty[LEFT].push(clock);
  }

  /** Each once; rows that are gone are to be deleted. Those that came and went between two commits leave no trace. */
  takeDirty(side: JoinSide): readonly DirtyItem[] {
    const items = this.#dirty[side];
    this.#dirty[side] = [];
    const taken: DirtyItem[] = [];
    for (const item of items) {
      item.isDirty = false;
      if (item instanceof JoinRow) {
        item.key.dirtyRows--;
        if (item.isGone && !item.isSaved) continue;
        item.isSaved = true;
      }
      taken.push(item);
    }
    return taken;
  }

  #insert(key: JoinKey, side: JoinSide, values: Row, timestampMs: number, number?: number): JoinRow {
    const rows = key.rows[side];
    let at = rows.length;
    for (; at > 0; at--) {
      const before = rows[at - 1] as JoinRow;
      if (before.timestampMs < timestampMs) break;
      if (before.timestampMs === timestampMs && (number === undefined || before.number < number)) break;
    }
    const before = rows[at - 1];
    const next = before?.timestampMs === timestampMs ? before.number + 1 : 0;
    const row = new JoinRow(key, side, values, timestampMs, number ?? next);
    if (at === rows.length) rows.push(row);
    else rows.splice(at, 0, row);
    this.#sizes[side]++;
    this.#resize(key, bytesOfRow(row));
    this.#note(key, side, timestampMs);
    return row;
  }

  /** Notes that the key has to be looked at when rows of that time are dropped. */
  #note(key: JoinKey, side: JoinSide, timestampMs: number): void {
    const span = Math.floor(timestampMs / this.#spanMs);
    if (key.noted[side] === span) return;
    key.noted[side] = span;
    const { spans } = this.clockOf(key.partition).sides[side];
    const keys = spans.get(span);
    if (keys === undefined) spans.set(span, [key.storeKey]);
    else keys.push(key.storeKey);
  }

  /** Drops the rows that are too old, for the spans that are so as a whole. `held` is about to get a row and stays. */
  #drop(clock: SideClock, side: JoinSide, held: JoinKey): void {
    const endMs = clock.latestMs - this.retentionMs;
    let oldest = Number.POSITIVE_INFINITY;
    for (const [span, keys] of clock.spans) {
      if ((span + 1) * this.#spanMs > endMs) {
        oldest = Math.min(oldest, span);
        continue;
      }
      clock.spans.delete(span);
      for (const storeKey of keys) {
        const key = this.#keys.get(storeKey);
        if (key === undefined) continue;
        this.#dropBefore(key, side, endMs);
        if (key !== held) this.closeIfEmpty(key);
      }
    }
    // A span that begins with the row that is coming in is the earliest that may be made until then.
    const first = Math.min(oldest, Math.floor(clock.latestMs / this.#spanMs));
    clock.nextDropMs = (first + 1) * this.#spanMs + this.retentionMs;
  }

  #dropBefore(key: JoinKey, side: JoinSide, endMs: number): void {
    const rows = key.rows[side];
    let count = 0;
    while (count < rows.length && (rows[count] as JoinRow).timestampMs < endMs) {
      const row = rows[count++] as JoinRow;
      row.isGone = true;
      this.touch(row);
    }
    if (count > 0) this.#remove(key, side, 0, count);
  }

  #remove(key: JoinKey, side: JoinSide, at: number, count: number): void {
    let bytes = 0;
    for (const row of key.rows[side].splice(at, count)) bytes += bytesOfRow(row);
    this.#sizes[side] -= count;
    this.#resize(key, -bytes);
  }

  #resize(key: JoinKey, bytes: number): void {
    key.rowBytes += bytes;
    this.#keys.resized(bytes);
    this.#keys.changed(key);
  }
}

/** The first of the rows, which are in the order of time, that is not before `fromMs`. */
export function firstFrom(rows: readonly JoinRow[], fromMs: number): number {
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
const KEY_BYTES = MAP_ENTRY_BYTES + 5 * OBJECT_BYTES + 16 * FIELD_BYTES;

function bytesOfRow({ values }: JoinRow): number {
  return ROW_BYTES + bytesOfValues(values);
}

/** A key on disk: its columns, partition, and for each row side, time, number, whether it waits, values. */
const KEYS: Spilling<JoinKey> = {
  mayGo: ({ dirtyRows }) => dirtyRows === 0,
  write: ({ columns, partition, rows }, out) => {
    writeValue(columns, out);
    writeValue(partition, out);
    writeValue(rows[LEFT].length + rows[RIGHT].length, out);
    for (const row of [...rows[LEFT], ...rows[RIGHT]])
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
      key.rows[side].push(row);
      key.rowBytes += bytesOfRow(row);
    }
    return key;
  },
  bytesOf: (storeKey, { columns, rowBytes }) =>
    KEY_BYTES + bytesOfKey(storeKey) + bytesOfValues(columns) + rowBytes,
};
