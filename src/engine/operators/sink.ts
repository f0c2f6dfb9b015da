import type { Row } from '../../data/schema.ts';
import type { Encode } from '../../serde/format.ts';
import { SerdeError } from '../../serde/format.ts';
import { format } from '../../serde/formats.ts';
import type { SinkStep } from '../../sql/plan.ts';
import type { TableUpdates } from '../materialized-table.ts';
import { partitionOfKey } from '../murmur2.ts';
import type { RoundOutput } from '../round-output.ts';
import type { OutputChange, StoredRow } from '../running-query.ts';
import type { StoreKey, StoreKeyOf } from '../store/store-key.ts';
import type { Change, Output, QueryContext } from './change.ts';
import { formatOptions, timestampReader } from './source.ts';

/** What the end of a plan hands over when a round is closed. */
export interface RoundResult {
  readonly updates: TableUpdates;
  readonly changes: readonly OutputChange[];
  /** Records written to the sink. */
  readonly written: number;
}

/** The end of a plan: gathers what a round has to make visible at once. */
export interface Outlet extends Output {
  /** Closes the round: what was held back is written, what was gathered is handed over. */
  flush(): RoundResult;
  readonly pendingRows: number;
}

/**
 * Writes changes to the sink's topic. A table's rows also wait here for the commit that lets pull queries see them.
 *
 *   change --+-- merging (tables) --> last change per key --flush--+--> encode --> batch of murmur2(key)'s partition
 *            +-- every update -------------------------------------+
 */
export class Sink implements Outlet {
  readonly #step: SinkStep;
  readonly #context: QueryContext;
  readonly #output: RoundOutput;
  readonly #partitionCount: number;
  readonly #merges: boolean;
  readonly #keyWidth: number;
  readonly #encodeKey: Encode;
  readonly #encodeValue: Encode;
  readonly #keyOf: StoreKeyOf | undefined;
  readonly #timestampOf: ((row: Row) => number) | undefined;
  readonly #wantsChanges: () => boolean;
  #held = new Map<StoreKey, Change>();
  #updates = new Map<StoreKey, StoredRow | null>();
  #changes: OutputChange[] = [];
  #written = 0;
  /** Where records without a key go; moves on with each round, as a producer's sticky partition with each batch. */
  #keylessPartition = 0;
  #streamTimeMs = -1;

  constructor(options: {
    readonly step: SinkStep;
    readonly context: QueryContext;
    readonly output: RoundOutput;
    readonly partitionCount: number;
    /** Several updates of a key within a round become one output. Tables only. */
    readonly merges: boolean;
    readonly keyOf: StoreKeyOf | undefined;
    readonly wantsChanges: () => boolean;
  }) {
    const { step } = options;
    this.#step = step;
    this.#context = options.context;
    this.#output = options.output;
    this.#partitionCount = options.partitionCount;
    this.#merges = options.merges && step.relation === 'TABLE';
    this.#keyOf = options.keyOf;
    this.#keyWidth = step.schema.key.length;
    this.#encodeKey = format(step.keyFormat.name).encoder(
      step.schema.key,
      formatOptions(step.keyFormat, 'key'),
    );
    this.#encodeValue = format(step.valueFormat.name).encoder(
      step.schema.value,
      formatOptions(step.valueFormat, 'value'),
    );
    this.#timestampOf = timestampReader(step);
    this.#wantsChanges = options.wantsChanges;
  }

  get pendingRows(): number {
    return this.#held.size + this.#updates.size;
  }

  push(change: Change): void {
    const key = this.#keyOf === undefined ? null : this.#keyOf(change.key);
    if (key !== null) this.#updates.set(key, storedRow(change));
    if (this.#context.rebuilding) return;
    if (this.#merges && key !== null) {
      // Deleted first, so that the rows leave in the order of their last update.
      this.#held.delete(key);
      this.#held.set(key, change);
    } else this.#write(change);
  }

  flush(): RoundResult {
    for (const change of this.#held.values()) this.#write(change);
    const result = { updates: this.#updates, changes: this.#changes, written: this.#written };
    this.#written = 0;
    this.#held = new Map();
    this.#updates = new Map();
    this.#changes = [];
    this.#keylessPartition = (this.#keylessPartition + 1) % this.#partitionCount;
    return result;
  }

  #write(change: Change): void {
    const timestampMs = this.#timestamp(change);
    if (timestampMs === undefined) return;
    const key = this.#encodeKey(change.key, 0);
    const value = change.row === null ? null : this.#encodeValue(change.row, this.#keyWidth);
    const partition = key === null ? this.#keylessPartition : partitionOfKey(key, this.#partitionCount);
    this.#output.append(this.#step.topic, partition, timestampMs, key, value);
    this.#written++;
    if (this.#wantsChanges()) this.#changes.push(outputChange(change, this.#keyWidth));
  }

  /** Undefined: the row's TIMESTAMP column is unusable and the row is dropped. */
  #timestamp({ row, timestampMs }: Change): number | undefined {
    if (timestampMs > this.#streamTimeMs) this.#streamTimeMs = timestampMs;
    if (this.#timestampOf === undefined) return timestampMs;
    if (row === null) return this.#streamTimeMs;
    try {
      return this.#timestampOf(row);
    } catch (error) {
      if (!(error instanceof SerdeError)) throw error;
      this.#context.report(this.#step.id, error);
      return undefined;
    }
  }
}

function storedRow({ row, timestampMs }: Change): StoredRow | null {
  return row === null ? null : { row, timestampMs };
}

export function outputChange(change: Change, keyWidth: number): OutputChange {
  const { key, row, timestampMs, partition, offset } = change;
  return { key: key.length === keyWidth ? key : key.slice(0, keyWidth), row, timestampMs, partition, offset };
}
