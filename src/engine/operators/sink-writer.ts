import type { Row } from '../../data/schema.ts';
import type { EncodedHeaders } from '../../record/batch-builder.ts';
import { ByteWriter } from '../../serde/byte-writer.ts';
import { SerdeError, type Write } from '../../serde/format.ts';
import { format } from '../../serde/formats.ts';
import type { FieldCode } from '../../serde/json-writer.ts';
import type { SinkStep } from '../../sql/plan.ts';
import { withoutHeaders } from '../header-columns.ts';
import { partitionOfKey } from '../murmur2.ts';
import type { RoundOutput, TopicOutput } from '../round-output.ts';
import type { OutputChange } from '../running-query.ts';
import { windowBytes, windowedKeyWriter, withoutBounds } from '../windowed-key.ts';
import type { QueryContext } from './change.ts';
import { formatOptions, timestampReader } from './source.ts';

export interface SinkOptions {
  readonly step: SinkStep;
  readonly context: QueryContext;
  readonly output: RoundOutput;
  readonly partitionCount: number;
  readonly wantsChanges: () => boolean;
}

const NO_BYTES = new Uint8Array(0);

/** Turns rows into records of the sink's topic, in memory that each record uses again. */
export class SinkWriter {
  readonly keyWidth: number;
  readonly context: QueryContext;
  readonly #step: SinkStep;
  readonly #topic: TopicOutput;
  readonly #partitionCount: number;
  readonly #writeKey: Write;
  /** At the end of a key; all windows of a key lie in its partition. */
  readonly #windowBytes: number;
  readonly #writeValue: Write;
  readonly #key = new ByteWriter();
  readonly #value = new ByteWriter();
  readonly #timestampOf: ((row: Row) => number) | undefined;
  readonly #wantsChanges: () => boolean;
  #changes: OutputChange[] = [];
  #written = 0;
  /** Where records without a key go; moves on with each round, as a producer's sticky partition with each batch. */
  #keylessPartition = 0;
  #streamTimeMs = -1;

  constructor({ step, context, output, partitionCount, wantsChanges }: SinkOptions) {
    this.context = context;
    this.keyWidth = step.schema.key.length;
    this.#step = step;
    this.#topic = output.topic(step.topic);
    this.#partitionCount = partitionCount;
    const written = withoutBounds(step.schema.key, step.window);
    const writeKey = format(step.keyFormat.name).writer(written, formatOptions(step.keyFormat, 'key'));
    this.#writeKey = step.window ? windowedKeyWriter(writeKey, step.window, written.length) : writeKey;
    this.#windowBytes = windowBytes(step.window);
    this.#writeValue = format(step.valueFormat.name).writer(
      withoutHeaders(step.schema.value),
      formatOptions(step.valueFormat, 'value'),
    );
    this.#timestampOf = timestampReader(step);
    this.#wantsChanges = wantsChanges;
  }

  /** The key's bytes and the partition they lead to. */
  place(key: Row): { readonly keyBytes: Uint8Array | null; readonly partition: number } {
    const bytes = this.#key;
    bytes.reset();
    const keyBytes = this.#writeKey(key, 0, bytes) ? bytes.copy() : null;
    return { keyBytes, partition: keyBytes === null ? 0 : this.#partitionOf(keyBytes, keyBytes.length) };
  }

  /** A record whose key is only known from its row. */
  write(
    key: Row,
    row: Row | null,
    timestampMs: number,
    partition: number,
    offset: number,
    headers: EncodedHeaders | undefined,
  ): void {
    const keyLength = this.#keyOf(key);
    const target = this.#targetOf(keyLength);
    this.#append(target, this.#key.bytes, keyLength, key, row, timestampMs, partition, offset, headers);
  }

  /**
   * Code that appends a value of these columns to the ByteWriter `out`; undefined when that needs a row: for a format
   * without such code, or a record whose time is in a column.
   */
  valueCode(values: readonly FieldCode[], constant: (value: unknown) => string): string | undefined {
    if (this.#step.keepsOnly || this.#timestampOf !== undefined) return undefined;
    const { schema, valueFormat } = this.#step;
    const options = formatOptions(valueFormat, 'value');
    return format(valueFormat.name).writeCode?.(schema.value, options, values, constant);
  }

  /** Whether rows are needed besides records. */
  wantsRows(): boolean {
    return this.#wantsChanges();
  }

  /** What `valueCode` appends to; `finish` makes a record of it. */
  begin(): ByteWriter {
    this.#value.reset();
    return this.#value;
  }

  finish(key: Row, timestampMs: number, headers: EncodedHeaders | undefined): void {
    const { bytes, length } = this.#value;
    const keyLength = this.#keyOf(key);
    const target = this.#targetOf(keyLength);
    this.#topic.append(target, timestampMs, this.#key.bytes, keyLength, bytes, length, headers);
    this.#written++;
  }

  /** A record of a known place. */
  writeTo(
    place: { readonly keyBytes: Uint8Array | null; readonly partition: number },
    key: Row,
    row: Row | null,
    timestampMs: number,
    partition: number,
    offset: number,
    headers: EncodedHeaders | undefined,
  ): void {
    const { keyBytes } = place;
    this.#append(
      place.partition,
      keyBytes ?? NO_BYTES,
      keyBytes === null ? -1 : keyBytes.length,
      key,
      row,
      timestampMs,
      partition,
      offset,
      headers,
    );
  }

  /** What was written since the last call. */
  take(): { readonly changes: readonly OutputChange[]; readonly written: number } {
    const taken = { changes: this.#changes, written: this.#written };
    this.#changes = [];
    this.#written = 0;
    this.#keylessPartition = (this.#keylessPartition + 1) % this.#partitionCount;
    return taken;
  }

  /** Length of the key, whose bytes are then in `#key`; -1: null. */
  #keyOf(key: Row): number {
    this.#key.reset();
    return this.#writeKey(key, 0, this.#key) ? this.#key.length : -1;
  }

  #targetOf(keyLength: number): number {
    return keyLength < 0 ? this.#keylessPartition : this.#partitionOf(this.#key.bytes, keyLength);
  }

  #partitionOf(keyBytes: Uint8Array, keyLength: number): number {
    return partitionOfKey(keyBytes, this.#partitionCount, keyLength - this.#windowBytes);
  }

  #append(
    target: number,
    keyBytes: Uint8Array,
    keyLength: number,
    key: Row,
    row: Row | null,
    timestampMs: number,
    partition: number,
    offset: number,
    headers: EncodedHeaders | undefined,
  ): void {
    if (this.#step.keepsOnly) return;
    const recordMs = this.#timestamp(row, timestampMs);
    if (recordMs === undefined) return;
    const value = this.#value;
    value.reset();
    const valueLength = row !== null && this.#writeValue(row, this.keyWidth, value) ? value.length : -1;
    this.#topic.append(target, recordMs, keyBytes, keyLength, value.bytes, valueLength, headers);
    this.#written++;
    if (!this.#wantsChanges()) return;
    const changeKey = key.length === this.keyWidth ? key : key.slice(0, this.keyWidth);
    this.#changes.push({ key: changeKey, row, timestampMs, partition, offset });
  }

  /** Undefined: the row's TIMESTAMP column is unusable and the row is dropped. */
  #timestamp(row: Row | null, timestampMs: number): number | undefined {
    if (timestampMs > this.#streamTimeMs) this.#streamTimeMs = timestampMs;
    if (this.#timestampOf === undefined) return timestampMs;
    if (row === null) return this.#streamTimeMs;
    try {
      return this.#timestampOf(row);
    } catch (error) {
      if (!(error instanceof SerdeError)) throw error;
      this.context.report(this.#step.id, error);
      return undefined;
    }
  }
}
