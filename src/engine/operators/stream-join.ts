import { compareBytes } from '../../data/compare.ts';
import type { Row } from '../../data/schema.ts';
import type { StreamStreamJoinStep } from '../../sql/plan.ts';
import type { RecordHeaders } from '../compile/row-code.ts';
import type { JoinClock } from '../store/join-clock.ts';
import { type JoinRow, LEFT, RIGHT } from '../store/join-key.ts';
import type { JoinStore } from '../store/join-store.ts';
import type { QueryContext } from './change.ts';
import { JoinInput } from './join-input.ts';

/** Goes on with a joined row; headers, partition and offset are those of the record that caused it. */
export type EmitJoined = (
  headers: RecordHeaders,
  key: Row,
  left: Row,
  right: Row,
  timestampMs: number,
  partition: number,
  offset: number,
) => void;

/** The partition of a key; `partition` is that of its record. */
export type PartitionOf = (key: Row, partition: number) => number;

export interface StreamJoinOptions
  extends Pick<StreamStreamJoinStep, 'join' | 'beforeMs' | 'afterMs' | 'graceMs' | 'waits'> {
  readonly store: JoinStore;
  readonly emit: EmitJoined;
  /** What stands for a row of each side that is not there: nulls. */
  readonly none: readonly [Row, Row];
  /** Of the (virtual) re-keyed input of each side. */
  readonly partitionOf: readonly [PartitionOf, PartitionOf];
  /** The order of rows that end their waiting together. */
  readonly keyBytesOf: (key: Row) => Uint8Array;
  readonly context: QueryContext;
}

/**
 * Rows of two streams that have the same key and are close in time, each pair told once, by the later to come:
 *
 *   left at 10 --> store --+--> right in [10 - before, 10 + after], by time --> joined rows, each with the later time
 *   right at 7 --> store --+
 *                          +--> nobody there:  no GRACE  told at once with nulls, and with a partner when one comes
 *                                              GRACE     waits until stream time is beyond 10 + after + grace
 *
 * A side's rows can be met while they are younger than its latest row less before + after + grace. As in Kafka Streams
 * a side's own latest row decides that; stream time, of both sides, ends the waiting.
 */
export class StreamJoin {
  readonly left: JoinInput;
  readonly right: JoinInput;
  readonly #options: StreamJoinOptions;
  /** The record that is being processed. */
  #headers: RecordHeaders | undefined;
  #partition = -1;
  #offset = -1;

  constructor(options: StreamJoinOptions) {
    this.#options = options;
    this.left = new JoinInput(this, LEFT, options);
    this.right = new JoinInput(this, RIGHT, options);
  }

  /** What is told from here on is caused by this record. */
  begin(headers: RecordHeaders, partition: number, offset: number): void {
    this.#headers = headers;
    this.#partition = partition;
    this.#offset = offset;
  }

  /** Undefined: nulls. */
  tell(key: Row, left: Row | undefined, right: Row | undefined, timestampMs: number): void {
    const { emit, none } = this.#options;
    const headers = this.#headers as RecordHeaders;
    emit(headers, key, left ?? none[LEFT], right ?? none[RIGHT], timestampMs, this.#partition, this.#offset);
  }

  /** Tells of the rows whose time to wait is over: by time, right before left, then by key. */
  endWaiting(clock: JoinClock): void {
    clock.lookedMs = clock.streamTimeMs;
    for (const { key, side, values, timestampMs } of this.#takeWaiting(clock)) {
      if (side === LEFT) this.tell(key.columns, values, undefined, timestampMs);
      else this.tell(key.columns, undefined, values, timestampMs);
    }
  }

  /**
   * Once all rows are loaded: stream time follows from them, and whose waiting had ended was told of before. All rows that
   * ever waited may be among these, more than fit in memory: key by key.
   */
  *settle(): Iterable<void> {
    for (const clock of this.#options.store.clocks()) {
      clock.settle();
      yield* this.right.passWaiting(clock);
      yield* this.left.passWaiting(clock);
    }
  }

  #takeWaiting(clock: JoinClock): readonly JoinRow[] {
    const right = this.right.takeWaiting(clock);
    const left = this.left.takeWaiting(clock);
    if (left.length + right.length <= 1) return left.length === 1 ? left : right;
    const { keyBytesOf } = this.#options;
    const rows = [...right, ...left];
    for (const { key } of rows) key.bytes ??= keyBytesOf(key.columns);
    return rows.sort(byTimeSideAndKey);
  }
}

/** As Kafka Streams' store of waiting rows has them. */
function byTimeSideAndKey(a: JoinRow, b: JoinRow): number {
  if (a.timestampMs !== b.timestampMs) return a.timestampMs - b.timestampMs;
  if (a.side !== b.side) return b.side - a.side;
  const byKey = compareBytes(a.key.bytes as Uint8Array, b.key.bytes as Uint8Array);
  return byKey !== 0 ? byKey : a.number - b.number;
}
