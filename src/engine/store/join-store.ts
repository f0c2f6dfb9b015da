import type { Row } from '../../data/schema.ts';
import { JoinClock, type SideClock } from './join-clock.ts';
import { bytesOfRow, firstFrom, JOIN_KEYS, JoinKey, JoinRow, type JoinSide, LEFT } from './join-key.ts';
import type { SpillingMap } from './spilling-map.ts';
import type { StateSpace } from './state-space.ts';
import type { StoreKey } from './store-key.ts';

/** What a changelog has to take down. */
export type DirtyItem = JoinRow | JoinClock;

const SPANS = 16;
/** Roughly, of a key among those of a span or with waiting rows; these stay in memory. */
const NOTED_KEY_BYTES = 100;
const NONE: readonly JoinRow[] = [];

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
    this.#keys = state.map(JOIN_KEYS);
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
    const rows = key.rows(side);
    for (let at = firstFrom(rows, timestampMs); at < rows.length; at++) {
      const row = rows[at] as JoinRow;
      if (row.timestampMs !== timestampMs) return;
      if (row.number !== number) continue;
      this.#remove(key, side, at, 1);
      return;
    }
  }

  /** Of a key for whose row there was no place. */
  closeIfEmpty(key: JoinKey): void {
    if (key.isEmpty) this.#keys.delete(key.storeKey);
  }

  /** It is to be told of by `takeWaiting` unless it gets a partner before. */
  wait(row: JoinRow): void {
    row.isWaiting = true;
    this.clockOf(row.key.partition).sides[row.side].waiting.add(row.timestampMs, row.key.storeKey);
    this.#keys.resized(NOTED_KEY_BYTES);
  }

  /** The rows of a side that still wait and are earlier than `endMs`: they wait no longer. */
  takeWaiting(clock: JoinClock, side: JoinSide, endMs: number): readonly JoinRow[] {
    const { waiting } = clock.sides[side];
    if (!waiting.mayHaveBefore(endMs)) return NONE;
    const taken: JoinRow[] = [];
    waiting.drainBefore(endMs, (storeKey, timeMs) => this.#endWaiting(storeKey, side, timeMs, taken));
    return taken;
  }

  /** The same for rows of which nobody is to be told, key by key: between two of them others may go to disk. */
  *passWaiting(clock: JoinClock, side: JoinSide, endMs: number): Iterable<void> {
    const { waiting } = clock.sides[side];
    for (let first = waiting.takeFirst(endMs); first; first = waiting.takeFirst(endMs))
      for (const storeKey of first.items) {
        this.#endWaiting(storeKey, side, first.timeMs);
        yield;
      }
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

  #endWaiting(storeKey: StoreKey, side: JoinSide, timestampMs: number, taken?: JoinRow[]): void {
    this.#keys.resized(-NOTED_KEY_BYTES);
    const key = this.#keys.get(storeKey);
    if (key === undefined) return;
    const rows = key.rows(side);
    for (let at = firstFrom(rows, timestampMs); at < rows.length; at++) {
      const row = rows[at] as JoinRow;
      if (row.timestampMs !== timestampMs) break;
      if (!row.isWaiting) continue;
      row.isWaiting = false;
      this.#keys.changed(key);
      taken?.push(row);
    }
  }

  #insert(key: JoinKey, side: JoinSide, values: Row, timestampMs: number, number?: number): JoinRow {
    const rows = key.rows(side);
    let at = rows.length;
    for (; at > 0; at--) {
      const before = rows[at - 1] as JoinRow;
      if (before.timestampMs < timestampMs) break;
      if (before.timestampMs === timestampMs && (number === undefined || before.number < number)) break;
    }
    const before = rows[at - 1];
    const next = before?.timestampMs === timestampMs ? before.number + 1 : 0;
    const row = new JoinRow(key, side, values, timestampMs, number ?? next);
    key.insert(row, at);
    this.#sizes[side]++;
    this.#resize(key, bytesOfRow(row));
    this.#note(key, side, timestampMs);
    return row;
  }

  /** Notes that the key has to be looked at when rows of that time are dropped. */
  #note(key: JoinKey, side: JoinSide, timestampMs: number): void {
    const span = Math.floor(timestampMs / this.#spanMs);
    if ((side === LEFT ? key.notedLeft : key.notedRight) === span) return;
    if (side === LEFT) key.notedLeft = span;
    else key.notedRight = span;
    const { spans } = this.clockOf(key.partition).sides[side];
    const keys = spans.get(span);
    if (keys === undefined) spans.set(span, [key.storeKey]);
    else keys.push(key.storeKey);
    this.#keys.resized(NOTED_KEY_BYTES);
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
      this.#keys.resized(-NOTED_KEY_BYTES * keys.length);
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
    const rows = key.rows(side);
    let count = 0;
    while (count < rows.length && (rows[count] as JoinRow).timestampMs < endMs) {
      const row = rows[count++] as JoinRow;
      row.isGone = true;
      this.touch(row);
    }
    if (count > 0) this.#remove(key, side, 0, count);
  }

  #remove(key: JoinKey, side: JoinSide, at: number, count: number): void {
    const rows = key.remove(side, at, count);
    this.#sizes[side] -= count;
    this.#resize(key, key.isEmpty ? -key.rowBytes : -bytesOfRows(rows));
  }

  #resize(key: JoinKey, bytes: number): void {
    key.rowBytes += bytes;
    this.#keys.resized(bytes);
    this.#keys.changed(key);
  }
}

function bytesOfRows(rows: readonly JoinRow[]): number {
  let bytes = 0;
  for (const row of rows) bytes += bytesOfRow(row);
  return bytes;
}
