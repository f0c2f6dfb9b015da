import type { SqlValue } from '../data/types.ts';
import type { Schemas } from '../serde/schemas.ts';
import type { SourceStep } from '../sql/plan.ts';
import type { Isolation, LogChunk, TopicPartition, Topics } from '../topics/topics.ts';
import { CommittedRecords } from './committed-records.ts';
import {
  type ChunkDecoder,
  type ColumnPath,
  compileDecoder,
  type DecodedRecords,
} from './compile/shared-source.ts';
import { SchemaGate } from './schema-gate.ts';

/** Of all sources together. What is decoded of them takes a few times as much. */
const MOST_CHUNK_BYTES = 16 * 1024 * 1024;

/** Several queries of one thread that read the same topic in the same way: chunks are read and decoded once for all. */
export class SharedSources {
  readonly #topics: Topics;
  readonly #sources = new Map<string, SharedSource>();
  readonly #schemas: Schemas;
  readonly #chunks: ChunkCache;

  constructor(topics: Topics, schemas: Schemas) {
    this.#topics = topics;
    this.#schemas = schemas;
    this.#chunks = new ChunkCache(topics);
  }

  /** For a query that reads the topic with this id from now on until `leave`, and wants these columns. */
  join(step: SourceStep, topicId: string, paths: readonly ColumnPath[]): SharedInput {
    const { topic, schema, keyFormat, valueFormat, window, timestamp } = step;
    const format = [schema, keyFormat, valueFormat, window ?? null, timestamp ?? null];
    const key = JSON.stringify([topic, topicId, ...format]);
    let source = this.#sources.get(key);
    if (source === undefined) {
      source = new SharedSource(step, topicId, this.#chunks, this.#schemas);
      this.#sources.set(key, source);
    }
    return new SharedInput(source, this.#topics, paths, () => {
      if (source.isUnused) this.#sources.delete(key);
    });
  }
}

/** A chunk's records, and the columns of them that one query wants. */
export interface DecodedChunk {
  readonly records: DecodedRecords;
  readonly columns: readonly (readonly SqlValue[])[];
}

/** One query's part in a shared source. */
export class SharedInput {
  readonly #source: SharedSource;
  readonly #topics: Topics;
  readonly #positions: readonly number[];
  readonly #onLeave: () => void;

  constructor(source: SharedSource, topics: Topics, paths: readonly ColumnPath[], onLeave: () => void) {
    this.#source = source;
    this.#topics = topics;
    this.#positions = source.enter(paths);
    this.#onLeave = onLeave;
  }

  /** As `Topics.read`, from memory where another query of the source has asked for the same. */
  read: Topics['read'] = (partition, offset, options) =>
    this.#source.isShared
      ? this.#source.chunks.read(this.#source.topicId, partition, offset, options)
      : this.#topics.read(partition, offset, options);

  /**
   * The chunk's records from `fromOffset` on; undefined where the query has to decode them itself, a promise where a
   * schema has to be waited for before asking again.
   */
  decode(chunk: LogChunk, fromOffset: number): DecodedChunk | Promise<unknown> | undefined {
    const records = this.#source.isShared ? this.#source.decode(chunk, fromOffset) : undefined;
    if (records instanceof Promise) return records;
    return (
      records && { records, columns: this.#positions.map((index) => records.columns[index] as SqlValue[]) }
    );
  }

  leave(): void {
    this.#source.leave();
    this.#onLeave();
  }
}

class SharedSource {
  readonly topicId: string;
  readonly chunks: ChunkCache;
  readonly #step: SourceStep;
  readonly #schemas: Schemas;
  readonly #gate: SchemaGate | undefined;
  readonly #paths: ColumnPath[] = [];
  readonly #decoded = new WeakMap<
    LogChunk,
    { fromOffset: number; width: number; records: DecodedRecords | undefined }
  >();
  #decoder: ChunkDecoder | undefined;
  #queries = 0;

  constructor(step: SourceStep, topicId: string, chunks: ChunkCache, schemas: Schemas) {
    this.#step = step;
    this.#schemas = schemas;
    this.#gate = SchemaGate.of([step], schemas);
    this.topicId = topicId;
    this.chunks = chunks;
  }

  get isShared(): boolean {
    return this.#queries > 1;
  }

  get isUnused(): boolean {
    return this.#queries === 0;
  }

  /** The positions of these columns among those that are decoded. */
  enter(paths: readonly ColumnPath[]): number[] {
    this.#queries++;
    return paths.map((path) => {
      const known = this.#paths.indexOf(path);
      return known < 0 ? this.#paths.push(path) - 1 : known;
    });
  }

  leave(): void {
    this.#queries--;
  }

  decode(chunk: LogChunk, fromOffset: number): DecodedRecords | Promise<unknown> | undefined {
    const known = this.#decoded.get(chunk);
    if (known && known.fromOffset === fromOffset && known.width === this.#paths.length) return known.records;
    const records = this.#decode(chunk, fromOffset);
    if (records instanceof Promise) return records;
    this.#decoded.set(chunk, { fromOffset, width: this.#paths.length, records });
    return records;
  }

  /**
   * Undefined when a record does not fit the schema: whether a query skips it depends on the columns it reads, and must
   * not depend on who else reads the topic.
   */
  #decode(chunk: LogChunk, fromOffset: number): DecodedRecords | Promise<unknown> | undefined {
    if (this.#decoder?.width !== this.#paths.length)
      this.#decoder = compileDecoder(this.#step, this.#paths, this.#schemas);
    const { records, consume } = this.#decoder.begin();
    const committed = new CommittedRecords();
    committed.load(chunk, fromOffset);
    while (committed.next()) {
      const fetching = this.#gate?.fetch(committed.cursor);
      if (fetching) return fetching;
      if (!consume(committed.cursor)) return undefined;
    }
    return records;
  }
}

interface CachedChunk {
  readonly reading: Promise<LogChunk>;
  bytes: number;
}

/** The chunks read last, by where they begin. */
class ChunkCache {
  readonly #topics: Topics;
  readonly #chunks = new Map<string, CachedChunk>();
  #bytes = 0;

  constructor(topics: Topics) {
    this.#topics = topics;
  }

  read(
    topicId: string,
    partition: TopicPartition,
    offset: number,
    options: { readonly maxBytes: number; readonly isolation: Isolation },
  ): Promise<LogChunk> {
    const key = `${topicId} ${partition.partition} ${offset} ${options.isolation}`;
    const known = this.#chunks.get(key);
    if (known) return known.reading;
    const cached = { reading: this.#topics.read(partition, offset, options), bytes: 0 };
    this.#chunks.set(key, cached);
    cached.reading.then(
      ({ bytes }) => {
        // The next to ask may find more.
        if (bytes.length === 0) this.#chunks.delete(key);
        else this.#count(cached, bytes.length);
      },
      () => this.#chunks.delete(key),
    );
    return cached.reading;
  }

  #count(cached: CachedChunk, bytes: number): void {
    cached.bytes = bytes;
    this.#bytes += bytes;
    for (const [key, oldest] of this.#chunks) {
      if (this.#bytes <= MOST_CHUNK_BYTES) return;
      this.#chunks.delete(key);
      this.#bytes -= oldest.bytes;
    }
  }
}
