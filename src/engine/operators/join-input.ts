import type { Row } from '../../data/schema.ts';
import type { RecordHeaders } from '../compile/row-code.ts';
import type { JoinClock } from '../store/join-clock.ts';
import { firstFrom, type JoinKey, type JoinRow, type JoinSide, LEFT, RIGHT } from '../store/join-key.ts';
import type { JoinStore } from '../store/join-store.ts';
import type { StoreKey } from '../store/store-key.ts';
import type { StreamJoin, StreamJoinOptions } from './stream-join.ts';

/** One side of a join, to which the compiled source of that side pushes. */
export class JoinInput {
  /** Rows without a partner are told of too. */
  readonly isOuter: boolean;
  readonly #join: StreamJoin;
  readonly #options: StreamJoinOptions;
  readonly #store: JoinStore;
  readonly #side: JoinSide;
  readonly #other: JoinSide;
  /** How much earlier and later than its own a partner may be. */
  readonly #beforeMs: number;
  readonly #afterMs: number;
  /** Rows of this side wait for a partner. */
  readonly #waits: boolean;
  /** Rows of either side do, so that any record may end that. */
  readonly #somebodyWaits: boolean;

  constructor(join: StreamJoin, side: JoinSide, options: StreamJoinOptions) {
    const { beforeMs, afterMs } = options;
    this.#join = join;
    this.#options = options;
    this.#store = options.store;
    this.#side = side;
    this.#other = side === LEFT ? RIGHT : LEFT;
    this.#beforeMs = side === LEFT ? beforeMs : afterMs;
    this.#afterMs = side === LEFT ? afterMs : beforeMs;
    this.isOuter = options.join === 'FULL' || options.join === (side === LEFT ? 'LEFT' : 'RIGHT');
    this.#waits = options.waits && this.isOuter;
    this.#somebodyWaits = options.waits && options.join !== 'INNER';
  }

  find(storeKey: StoreKey): JoinKey | undefined {
    return this.#store.find(storeKey);
  }

  open(storeKey: StoreKey, columns: Row, partition: number): JoinKey {
    return this.#store.open(storeKey, columns, this.#options.partitionOf[this.#side](columns, partition));
  }

  /** A row with a key. */
  push(
    key: JoinKey,
    values: Row,
    headers: RecordHeaders,
    timestampMs: number,
    partition: number,
    offset: number,
  ): void {
    const clock = this.#store.clockOf(key.partition);
    this.#join.begin(headers, partition, offset);
    if (timestampMs > clock.streamTimeMs) clock.streamTimeMs = timestampMs;
    if (this.#somebodyWaits && clock.streamTimeMs > clock.lookedMs) this.#endWaiting(clock);
    const row = this.#store.add(key, this.#side, values, timestampMs);
    const isMet = this.#meetOthers(key, clock, values, timestampMs);
    if (!isMet && this.isOuter) this.#stayAlone(key, clock, row, values, timestampMs);
    if (row !== undefined) return;
    this.#options.context.late();
    this.#store.closeIfEmpty(key);
  }

  /** A row without a key meets nobody: where rows without a partner are told of, it is so at once. */
  pushKeyless(
    columns: Row,
    values: Row,
    headers: RecordHeaders,
    timestampMs: number,
    partition: number,
    offset: number,
  ): void {
    this.pass(timestampMs, partition);
    if (!this.isOuter) return;
    this.#join.begin(headers, partition, offset);
    this.#tell(columns, values, undefined, timestampMs);
  }

  /** A record without a value, or without a key, moves time on and is not told of any waiting that ends. */
  pass(timestampMs: number, partition: number): void {
    if (!this.#somebodyWaits) return;
    const clock = this.#store.clockOf(partition);
    if (timestampMs <= clock.streamTimeMs) return;
    clock.streamTimeMs = timestampMs;
    clock.isAhead = true;
    this.#store.touchClock(clock);
  }

  /** Those that no partner can come for any more. */
  takeWaiting(clock: JoinClock): readonly JoinRow[] {
    return this.#waits ? this.#store.takeWaiting(clock, this.#side, this.#waitedBefore(clock)) : [];
  }

  /** The same for those that were told of before, key by key. */
  passWaiting(clock: JoinClock): Iterable<void> {
    return this.#waits ? this.#store.passWaiting(clock, this.#side, this.#waitedBefore(clock)) : [];
  }

  #waitedBefore({ lookedMs }: JoinClock): number {
    return lookedMs - this.#afterMs - this.#options.graceMs;
  }

  #endWaiting(clock: JoinClock): void {
    this.#join.endWaiting(clock);
    if (!clock.isAhead) return;
    clock.isAhead = false;
    this.#store.touchClock(clock);
  }

  /** Whether there was anybody. */
  #meetOthers(key: JoinKey, clock: JoinClock, values: Row, timestampMs: number): boolean {
    const others = key.rows(this.#other);
    if (others.length === 0) return false;
    const tooOldMs = clock.sides[this.#other].latestMs - this.#store.retentionMs;
    const toMs = timestampMs + this.#afterMs;
    const first = firstFrom(others, Math.max(timestampMs - this.#beforeMs, tooOldMs + 1));
    let at = first;
    for (; at < others.length; at++) {
      const other = others[at] as JoinRow;
      if (other.timestampMs > toMs) break;
      if (other.isWaiting) {
        other.isWaiting = false;
        this.#store.touch(other);
      }
      this.#tell(key.columns, values, other.values, Math.max(timestampMs, other.timestampMs));
    }
    return at > first;
  }

  #stayAlone(
    { columns }: JoinKey,
    clock: JoinClock,
    row: JoinRow | undefined,
    values: Row,
    timestampMs: number,
  ): void {
    // As in Kafka Streams, a row whose partners would all be late does not wait out the grace period.
    const mayWait = this.#waits && timestampMs + this.#afterMs >= clock.streamTimeMs;
    if (mayWait && row !== undefined) this.#store.wait(row);
    else this.#tell(columns, values, undefined, timestampMs);
  }

  #tell(key: Row, own: Row, other: Row | undefined, timestampMs: number): void {
    if (this.#side === LEFT) this.#join.tell(key, own, other, timestampMs);
    else this.#join.tell(key, other, own, timestampMs);
  }
}
