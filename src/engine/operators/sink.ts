import type { Row } from '../../data/schema.ts';
import type { EncodedHeaders } from '../../record/batch-builder.ts';
import type { Encode } from '../../serde/format.ts';
import { SerdeError } from '../../serde/format.ts';
import { format } from '../../serde/formats.ts';
import type { SinkStep } from '../../sql/plan.ts';
import type { SinkTable, TableRow, TableUpdates } from '../materialized-table.ts';
import { partitionOfKey } from '../murmur2.ts';
import type { RoundOutput } from '../round-output.ts';
import type { OutputChange } from '../running-query.ts';
import type { StoreKeyOf } from '../store/store-key.ts';
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
 * Writes changes to the sink's topic.
 *
 *   change --+-- merging (tables) --> last change per key --flush--+--> encode --> batch of murmur2(key)'s partition
 *            +-- every update -------------------------------------+
 *
 * A table's last change per key is handed over with the round, so that its commit can show it to readers.
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
  readonly #table: SinkTable | undefined;
  readonly #keyOf: StoreKeyOf | undefined;
  readonly #timestampOf: ((row: Row) => number) | undefined;
  readonly #wantsChanges: () => boolean;
  #touched: TableRow[] = [];
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
    /** Present for tables, with how its rows are found. */
    readonly table: SinkTable | undefined;
    readonly keyOf: StoreKeyOf | undefined;
    readonly wantsChanges: () => boolean;
  }) {
    const { step } = options;
    this.#step = step;
    this.#context = options.context;
    this.#output = options.output;
    this.#partitionCount = options.partitionCount;
    this.#merges = options.merges && step.relation === 'TABLE';
    this.#table = options.table;
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
    return this.#touched.length;
  }

  push(change: Change): void {
    const row = this.#rowOf(change);
    if (row === undefined) {
      if (!this.#context.rebuilding)
        this.#write(change, this.#encodeKey(change.key, 0), -1, this.#context.headers());
      return;
    }
    if (row.pending === undefined) this.#touched.push(row);
    row.pending = change;
    if (this.#context.rebuilding) return;
    const headers = this.#context.headers();
    if (this.#merges) row.pendingHeaders = headers;
    else this.#write(change, row.keyBytes, row.partition, headers);
  }

  flush(): RoundResult {
    const updates: { row: TableRow; change: Change }[] = [];
    for (const row of this.#touched) {
      const change = row.pending as Change;
      const headers = row.pendingHeaders;
      row.pending = undefined;
      row.pendingHeaders = undefined;
      updates.push({ row, change });
      if (this.#merges && !this.#context.rebuilding)
        this.#write(change, row.keyBytes, row.partition, headers);
    }
    const result = { updates, changes: this.#changes, written: this.#written };
    this.#touched = [];
    this.#changes = [];
    this.#written = 0;
    this.#keylessPartition = (this.#keylessPartition + 1) % this.#partitionCount;
    return result;
  }

  /** Undefined for streams. */
  #rowOf({ key: keyRow }: Change): TableRow | undefined {
    if (this.#table === undefined || this.#keyOf === undefined) return undefined;
    const key = this.#keyOf(keyRow);
    if (key === null) return undefined;
    let row = this.#table.find(key);
    if (row === undefined) {
      const keyBytes = this.#encodeKey(keyRow, 0);
      const partition = keyBytes === null ? 0 : partitionOfKey(keyBytes, this.#partitionCount);
      row = { key, keyBytes, partition, pending: undefined, pendingHeaders: undefined, committed: undefined };
      this.#table.add(row);
    }
    return row;
  }

  /** `partition` -1: where the key leads. */
  #write(
    change: Change,
    key: Uint8Array | null,
    keyPartition: number,
    headers: EncodedHeaders | undefined,
  ): void {
    if (this.#step.keepsOnly) return;
    const timestampMs = this.#timestamp(change);
    if (timestampMs === undefined) return;
    const value = change.row === null ? null : this.#encodeValue(change.row, this.#keyWidth);
    const partition = keyPartition >= 0 ? keyPartition : this.#partition(key);
    this.#output.append(this.#step.topic, partition, timestampMs, key, value, headers);
    this.#written++;
    if (this.#wantsChanges()) this.#changes.push(outputChange(change, this.#keyWidth));
  }

  #partition(key: Uint8Array | null): number {
    return key === null ? this.#keylessPartition : partitionOfKey(key, this.#partitionCount);
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

export function outputChange(change: Change, keyWidth: number): OutputChange {
  const { key, row, timestampMs, partition, offset } = change;
  return { key: key.length === keyWidth ? key : key.slice(0, keyWidth), row, timestampMs, partition, offset };
}
