import type { EncodedHeaders } from '../record/batch-builder.ts';
import type { RecordCursor } from '../record/record-cursor.ts';
import { type LogChunk, TopicError, type TopicPartition, type Topics } from '../topics/topics.ts';
import { CommittedRecords } from './committed-records.ts';
import type { DecodedRecords, RunDecoded } from './compile/shared-source.ts';
import type { ConsumeRecord } from './compile/source-code.ts';
import type { SchemaGate } from './schema-gate.ts';
import type { DecodedChunk, SharedInput } from './shared-sources.ts';

export interface PartitionReaderOptions extends TopicPartition {
  readonly topics: Topics;
  readonly offset: number;
  readonly maxBytes: number;
  /** The plan's sources that read this topic. */
  readonly consumers: readonly ConsumeRecord[];
  /** The time by which partitions are put in order, where it is not the record's own. */
  readonly timestampOf: ((cursor: RecordCursor) => number) | undefined;
  /** Of a topic whose records name their schemas. */
  readonly gate: SchemaGate | undefined;
  /** Set where other queries may read the same. */
  readonly shared: { readonly input: SharedInput; readonly run: RunDecoded } | undefined;
  /** Records below this offset were there before a push query that wants only new changes. */
  readonly quietBelow: number;
  /** Records were deleted before they could be read. */
  readonly onGap: (fromOffset: number, toOffset: number) => void;
}

/**
 * One partition as the task consumes it: the record at its head, the chunk that comes from, and the next chunk being read
 * meanwhile.
 *
 *   topics.read --> [ next chunk ] --> [ chunk ] --+--cursor at the head-------> consumers
 *                                                  +--decoded for several queries--> run
 *
 * `position` is the offset below which everything has been handed out: what may be committed once it is processed.
 */
export class PartitionReader {
  readonly topic: string;
  readonly partition: number;
  readonly quietBelow: number;
  readonly #options: PartitionReaderOptions;
  readonly #records = new CommittedRecords();
  /** Of the chunk, where other queries read it too; `#at` is the head's place among them. */
  #decoded: DecodedChunk | undefined;
  #at = 0;
  hasHead = false;
  headTimestampMs = 0;
  position: number;
  #chunkEnd: number;
  #readFrom: number;
  #next: { readonly chunk: LogChunk; readonly fromOffset: number } | undefined;
  #pending: Promise<void> | undefined;
  /** A schema without which the next record, or the next chunk, cannot be decoded. */
  #blocked: Promise<void> | undefined;
  #failure: Error | undefined;
  #atEnd = false;
  #advanced = false;

  constructor(options: PartitionReaderOptions) {
    this.topic = options.topic;
    this.partition = options.partition;
    this.quietBelow = options.quietBelow;
    this.position = options.offset;
    this.#chunkEnd = options.offset;
    this.#readFrom = options.offset;
    this.#options = options;
    this.#prefetch();
  }

  /** Nothing is buffered and the last read found the end. */
  get isAtEnd(): boolean {
    return (
      !this.hasHead &&
      this.#atEnd &&
      this.#next === undefined &&
      this.#blocked === undefined &&
      this.#failure === undefined
    );
  }

  /** Settled once there is a head or the end is known; undefined when that is so already. */
  get waiting(): Promise<void> | undefined {
    if (this.#failure) throw this.#failure;
    return !this.hasHead && !this.isAtEnd ? (this.#blocked ?? this.#pending ?? this.#load()) : undefined;
  }

  /** Of the record at the head. */
  headers(): EncodedHeaders | undefined {
    if (this.#decoded) return this.#decoded.records.headers?.[this.#at];
    return this.#records.cursor.encodedHeaders();
  }

  /** The log has grown. */
  wake(): void {
    this.#advanced = true;
    this.#atEnd = false;
    if (this.#next === undefined) this.#prefetch();
  }

  /**
   * Whatever the record at the head causes, happens, and then the same for those behind it, up to `most` and while they
   * are not later than `untilMs`. Gives their number. When it throws, `position` is the record's at which it did.
   */
  consume(untilMs: number, most: number): number {
    if (this.#decoded) return this.#runDecoded(this.#decoded, untilMs, most);
    const { consumers } = this.#options;
    const { cursor } = this.#records;
    let count = 0;
    do {
      for (let index = 0; index < consumers.length; index++)
        (consumers[index] as ConsumeRecord)(cursor, this.partition);
      count++;
      this.#advance();
      // The next chunk may be one that was decoded for all.
    } while (count < most && this.hasHead && !this.#decoded && this.headTimestampMs <= untilMs);
    return count;
  }

  #runDecoded({ records, columns }: DecodedChunk, untilMs: number, most: number): number {
    const from = this.#at;
    const run = this.#options.shared?.run as RunDecoded;
    this.#at = run(records, columns, from, Math.min(from + most, records.count), untilMs, this);
    const count = this.#at - from;
    this.#advance();
    return count;
  }

  /** Puts the next record at the head, as far as it can without waiting. */
  #advance(): void {
    if (this.#failure) throw this.#failure;
    for (;;) {
      if (this.#decoded ? this.#headOfDecoded(this.#decoded.records) : this.#headOfChunk()) return;
      this.hasHead = false;
      this.#decoded = undefined;
      this.position = this.#chunkEnd;
      if (this.#next === undefined) {
        this.#prefetch();
        return;
      }
      const { chunk, fromOffset } = this.#next;
      const decoded = this.#options.shared?.input.decode(chunk, fromOffset);
      if (decoded instanceof Promise) {
        this.#block(decoded, () => {});
        return;
      }
      this.#decoded = decoded;
      this.#at = 0;
      if (!this.#decoded) this.#records.load(chunk, fromOffset);
      this.#chunkEnd = chunk.nextOffset;
      this.#next = undefined;
      this.#prefetch();
    }
  }

  /** False at the end of the chunk. A record whose schema is not here yet has its place and is no head so far. */
  #headOfChunk(): boolean {
    if (!this.#records.next()) return false;
    const { cursor } = this.#records;
    this.position = cursor.offset;
    const fetching = this.#options.gate?.fetch(cursor);
    if (fetching === undefined) this.#showHead();
    else {
      this.hasHead = false;
      this.#block(fetching, () => this.#showHead());
    }
    return true;
  }

  #showHead(): void {
    const { cursor } = this.#records;
    const { timestampOf } = this.#options;
    const timestampMs = timestampOf === undefined ? cursor.timestampMs : timestampOf(cursor);
    // What tables held comes before all that is told of, in the order of time as ever.
    const isQuiet = cursor.offset < this.quietBelow;
    this.headTimestampMs = isQuiet ? timestampMs - Number.MAX_SAFE_INTEGER : timestampMs;
    this.hasHead = true;
  }

  #block(fetching: Promise<unknown>, go: () => void): void {
    this.#blocked = fetching.then(
      () => {
        this.#blocked = undefined;
        go();
      },
      (error: Error) => {
        this.#blocked = undefined;
        this.#failure = error;
      },
    );
  }

  #headOfDecoded({ count, timestampsMs, offsets }: DecodedRecords): boolean {
    if (this.#at >= count) return false;
    this.headTimestampMs = timestampsMs[this.#at] as number;
    this.position = offsets[this.#at] as number;
    this.hasHead = true;
    return true;
  }

  async #load(): Promise<void> {
    this.#advance();
    await this.#pending;
    if (!this.hasHead && !this.#blocked) this.#advance();
  }

  #prefetch(): void {
    if (this.#pending || this.#next || this.#atEnd || this.#failure) return;
    this.#pending = this.#read().then(
      () => {
        this.#pending = undefined;
      },
      (error: Error) => {
        this.#pending = undefined;
        this.#failure = error;
      },
    );
  }

  async #read(): Promise<void> {
    const { maxBytes } = this.#options;
    for (;;) {
      this.#advanced = false;
      const askedOffset = this.#readFrom;
      const chunk = await this.#chunkAt(maxBytes);
      const fromOffset = this.#readFrom;
      // A gap is progress too, even when nothing lies behind it: else the query would never reach the end.
      if (chunk.nextOffset > fromOffset || fromOffset !== askedOffset) {
        this.#readFrom = chunk.nextOffset;
        this.#next = { chunk, fromOffset };
        return;
      }
      // The log may have grown after this read looked and before it answered.
      if (!this.#advanced) break;
    }
    this.#atEnd = true;
  }

  async #chunkAt(maxBytes: number): Promise<LogChunk> {
    const options = { maxBytes, isolation: 'read_committed' } as const;
    const { topics, shared } = this.#options;
    const read: Topics['read'] = (...asked) => (shared ? shared.input.read(...asked) : topics.read(...asked));
    try {
      return await read(this, this.#readFrom, options);
    } catch (error) {
      if (!(error instanceof TopicError) || error.code !== 'OFFSET_OUT_OF_RANGE') throw error;
      // Retention was faster than the query, or records that were not synced are lost: go on at what is there, and say so.
      const { logStartOffset, lastStableOffset } = await topics.offsets(this);
      const restart = this.#readFrom < logStartOffset ? logStartOffset : lastStableOffset;
      this.#options.onGap(this.#readFrom, restart);
      this.#readFrom = restart;
      return read(this, restart, options);
    }
  }
}
