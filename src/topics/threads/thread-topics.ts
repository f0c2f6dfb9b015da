import { Buffer } from 'node:buffer';
import type { Caller, CallHandlers } from '../../base/calls.ts';
import { ownMemory } from '../../base/port.ts';
import {
  type Isolation,
  type LogChunk,
  type NewTopic,
  type PartitionBatch,
  type PartitionOffsets,
  type Position,
  type TopicDescription,
  TopicError,
  type TopicPartition,
  type Topics,
  type TransactionalWriter,
} from '../topics.ts';
import type { FileReads } from './file-reads.ts';
import type { AdvanceCalls, MovedBatch, TopicsCalls } from './topics-calls.ts';
import type { WatchFlags } from './watch-flags.ts';

/**
 * The topics port in a thread that has no log: asks the thread that has, except that it reads the files by itself where
 * it may.
 *
 * ```
 *   read ──> files, up to the offsets in shared memory ──> chunk
 *     │  not there, or no longer as it was                   ^
 *     └────> ask ──> the log's thread ──> chunk, and where the files go on
 * ```
 */
export class ThreadTopics implements Topics {
  readonly #calls: Caller<TopicsCalls>;
  readonly #flags: WatchFlags;
  readonly #files: FileReads | undefined;
  readonly #watches = new Map<number, () => void>();
  readonly #freeWatches: number[] = [];

  constructor(calls: Caller<TopicsCalls>, flags: WatchFlags, files?: FileReads) {
    this.#calls = calls;
    this.#flags = flags;
    this.#files = files;
  }

  /** What the log's thread tells. */
  static handlers(topics: () => ThreadTopics): CallHandlers<AdvanceCalls> {
    return { advanced: (watches) => topics().#advanced(watches) };
  }

  create(topic: NewTopic): Promise<TopicDescription> {
    return this.#calls.call('create', topic);
  }

  async delete(name: string): Promise<void> {
    await this.#calls.call('delete', name);
  }

  describe(names?: readonly string[]): Promise<readonly TopicDescription[]> {
    return this.#calls.call('describe', names);
  }

  offsets({ topic, partition }: TopicPartition): Promise<PartitionOffsets> {
    return this.#calls.call('offsets', { topic, partition });
  }

  /** Does not wait for the event loop where the files have it. */
  async read(
    { topic, partition }: TopicPartition,
    offset: number,
    options: { readonly maxBytes: number; readonly isolation: Isolation },
  ): Promise<LogChunk> {
    const now = this.#files?.read({ topic, partition }, offset, options);
    if (now !== undefined) return now;
    const { chunk, place } = await this.#calls.call('read', { topic, partition, offset, ...options });
    if (place !== undefined) this.#files?.add({ topic, partition }, chunk.nextOffset, place);
    return { ...chunk, bytes: asBuffer(chunk.bytes) };
  }

  append(batch: PartitionBatch): Promise<number> {
    const moved = movedBatch(batch);
    return this.#calls.call('append', moved, [moved.batch.buffer]);
  }

  async transact(transactionalId: string): Promise<TransactionalWriter> {
    const writer = await this.#calls.call('transact', transactionalId);
    return {
      positions: (group) => this.#calls.call('positions', { writer, group }),
      commit: (work) => this.#commit(writer, work),
    };
  }

  watch(partitions: readonly TopicPartition[], onAdvance: () => void): () => void {
    const watch = this.#freeWatches.pop() ?? this.#watches.size;
    if (!this.#flags.reserve(watch))
      throw new TopicError('POLICY_VIOLATION', `More than ${watch} watches in one thread.`);
    this.#flags.lower(watch);
    this.#watches.set(watch, onAdvance);
    const plain = partitions.map(({ topic, partition }) => ({ topic, partition }));
    this.#calls.tell('watch', { watch, partitions: plain });
    return () => {
      if (!this.#watches.delete(watch)) return;
      this.#freeWatches.push(watch);
      this.#calls.tell('unwatch', watch);
    };
  }

  close(): void {
    this.#files?.close();
  }

  #commit(
    writer: number,
    { batches, group, positions }: Parameters<TransactionalWriter['commit']>[0],
  ): Promise<readonly number[]> {
    const moved = batches.map(movedBatch);
    const plain: Position[] = positions.map(({ topic, partition, offset }) => ({ topic, partition, offset }));
    return this.#calls.call(
      'commit',
      { writer, batches: moved, group, positions: plain },
      moved.map(({ batch }) => batch.buffer),
    );
  }

  #advanced(watches: readonly number[]): void {
    for (const watch of watches) {
      // First: what comes from now on is worth a word again.
      this.#flags.lower(watch);
      this.#watches.get(watch)?.();
    }
  }
}

function movedBatch({
  topic,
  partition,
  batch,
}: PartitionBatch): MovedBatch & { readonly batch: Uint8Array<ArrayBuffer> } {
  return { topic, partition, batch: ownMemory(batch) };
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}
