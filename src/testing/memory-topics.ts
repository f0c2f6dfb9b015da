import { uuidHex } from '../base/random.ts';
import { SeededRandom } from '../base/seeded-random.ts';
import { batchLastOffsetDelta, batchTotalBytes, patchBaseOffset } from '../record/batch.ts';
import { controlBatch, sealBatch } from '../record/batch-builder.ts';
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
} from '../topics/topics.ts';

interface StoredBatch {
  readonly bytes: Buffer;
  readonly baseOffset: number;
  readonly lastOffset: number;
}

interface MemoryPartition {
  readonly batches: StoredBatch[];
  endOffset: number;
  readonly aborted: { producerId: number; firstOffset: number; lastOffset: number }[];
}

interface MemoryTopic {
  readonly description: TopicDescription;
  readonly partitions: MemoryPartition[];
}

/** What happens to the commit that is asked to fail. */
export type CommitFault = 'lost' | 'aborted' | 'committed';

/**
 * Topics without a log, for tests of what stands above the port: real batches with real transaction markers, one
 * transaction at a time. A commit can be made to fail before anything was written (`lost`), after its records were
 * written and then aborted, or after it has become durable (`committed`), as a crash would.
 */
export class MemoryTopics implements Topics {
  readonly #topics = new Map<string, MemoryTopic>();
  readonly #producers = new Map<string, { id: number; epoch: number }>();
  readonly #positions = new Map<string, Map<string, Position>>();
  readonly #watchers = new Set<{ partitions: Set<string>; onAdvance: () => void }>();
  readonly #random = new SeededRandom(7);
  readonly #faults: (CommitFault | undefined)[] = [];
  #commits = 0;

  /** Decides the fate of the next commits, in order; undefined: nothing happens to it. */
  failCommits(...faults: (CommitFault | undefined)[]): void {
    this.#faults.push(...faults);
  }

  get commits(): number {
    return this.#commits;
  }

  async create(topic: NewTopic): Promise<TopicDescription> {
    if (this.#topics.has(topic.name)) throw new TopicError('TOPIC_ALREADY_EXISTS', topic.name);
    const description: TopicDescription = {
      name: topic.name,
      topicId: uuidHex(this.#random),
      partitionCount: topic.partitionCount,
      replicationFactor: 1,
      config: topic.config ?? new Map(),
      internal: topic.internal ?? false,
    };
    const partitions = Array.from({ length: topic.partitionCount }, () => ({
      batches: [],
      endOffset: 0,
      aborted: [],
    }));
    this.#topics.set(topic.name, { description, partitions });
    return description;
  }

  async delete(name: string): Promise<void> {
    if (!this.#topics.delete(name)) throw unknown(name);
  }

  async describe(names?: readonly string[]): Promise<readonly TopicDescription[]> {
    return [...this.#topics.values()]
      .map(({ description }) => description)
      .filter(({ name }) => names === undefined || names.includes(name));
  }

  async offsets(at: TopicPartition): Promise<PartitionOffsets> {
    return offsetsOf(this.#partition(at));
  }

  async read(
    at: TopicPartition,
    offset: number,
    options: { readonly maxBytes: number; readonly isolation: Isolation },
  ): Promise<LogChunk> {
    const partition = this.#partition(at);
    if (offset > partition.endOffset) throw new TopicError('OFFSET_OUT_OF_RANGE', `${offset}`);
    let index = lowerBound(partition.batches, offset);
    const taken: Buffer[] = [];
    let bytes = 0;
    let nextOffset = offset;
    for (; index < partition.batches.length && (bytes === 0 || bytes < options.maxBytes); index++) {
      const batch = partition.batches[index] as StoredBatch;
      taken.push(batch.bytes);
      bytes += batch.bytes.length;
      nextOffset = batch.lastOffset + 1;
    }
    const aborted = partition.aborted.filter(
      (one) => one.lastOffset >= offset && one.firstOffset < nextOffset,
    );
    return {
      ...offsetsOf(partition),
      bytes: taken.length === 1 ? (taken[0] as Buffer) : Buffer.concat(taken),
      nextOffset,
      abortedTransactions: options.isolation === 'read_committed' ? aborted : [],
    };
  }

  async append({ batch, ...at }: PartitionBatch): Promise<number> {
    sealBatch(batch);
    const baseOffset = this.#store(at, batch);
    this.#notify([at]);
    return baseOffset;
  }

  async transact(transactionalId: string): Promise<TransactionalWriter> {
    const producer = this.#producers.get(transactionalId) ?? { id: this.#producers.size + 1, epoch: -1 };
    producer.epoch++;
    this.#producers.set(transactionalId, producer);
    const { epoch } = producer;
    return {
      positions: async (group) => [...(this.#positions.get(group)?.values() ?? [])],
      commit: async (work) => {
        await undefined;
        if (producer.epoch !== epoch)
          throw new TopicError('PRODUCER_FENCED', `${transactionalId} has another owner`);
        return this.#commit(producer, work);
      },
    };
  }

  watch(partitions: readonly TopicPartition[], onAdvance: () => void): () => void {
    const watcher = { partitions: new Set(partitions.map(nameOf)), onAdvance };
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #commit(
    producer: { id: number; epoch: number },
    work: Parameters<TransactionalWriter['commit']>[0],
  ): number[] {
    const fault = this.#faults.shift();
    if (fault === 'lost') throw new TopicError('REQUEST_TIMED_OUT', 'lost before it was written');
    const first = new Map<string, number>();
    const offsets = work.batches.map(({ batch, ...at }) => {
      sealBatch(batch, { producerId: producer.id, producerEpoch: producer.epoch, transactional: true });
      const offset = this.#store(at, batch);
      if (!first.has(nameOf(at))) first.set(nameOf(at), offset);
      return offset;
    });
    const outcome = fault === 'aborted' ? 'abort' : 'commit';
    const touched = [...new Map(work.batches.map((batch) => [nameOf(batch), batch])).values()];
    for (const at of touched) this.#mark(at, producer, outcome, first.get(nameOf(at)) as number);
    if (outcome === 'commit') {
      const positions = this.#positions.get(work.group) ?? new Map<string, Position>();
      this.#positions.set(work.group, positions);
      for (const position of work.positions) positions.set(nameOf(position), position);
      this.#commits++;
    }
    this.#notify(touched);
    if (fault) throw new TopicError('REQUEST_TIMED_OUT', `${fault}, but nobody was told`);
    return offsets;
  }

  #mark(
    at: TopicPartition,
    producer: { id: number; epoch: number },
    outcome: 'commit' | 'abort',
    firstOffset: number,
  ): void {
    const marker = controlBatch({
      producerId: producer.id,
      producerEpoch: producer.epoch,
      coordinatorEpoch: 0,
      outcome,
      timestampMs: 0,
    });
    const lastOffset = this.#store(at, marker);
    if (outcome === 'abort')
      this.#partition(at).aborted.push({ producerId: producer.id, firstOffset, lastOffset });
  }

  #store(at: TopicPartition, batch: Buffer): number {
    const partition = this.#partition(at);
    const bytes = Buffer.from(batch.subarray(0, batchTotalBytes(batch, 0)));
    const baseOffset = partition.endOffset;
    patchBaseOffset(bytes, 0, baseOffset);
    const lastOffset = baseOffset + batchLastOffsetDelta(bytes, 0);
    partition.batches.push({ bytes, baseOffset, lastOffset });
    partition.endOffset = lastOffset + 1;
    return baseOffset;
  }

  #notify(partitions: readonly TopicPartition[]): void {
    const names = partitions.map(nameOf);
    for (const watcher of this.#watchers)
      if (names.some((name) => watcher.partitions.has(name))) queueMicrotask(watcher.onAdvance);
  }

  #partition({ topic, partition }: TopicPartition): MemoryPartition {
    const found = this.#topics.get(topic)?.partitions[partition];
    if (!found) throw unknown(`${topic}-${partition}`);
    return found;
  }
}

function offsetsOf({ endOffset }: MemoryPartition): PartitionOffsets {
  // Transactions are written in one go, so none is ever open.
  return { logStartOffset: 0, highWatermark: endOffset, lastStableOffset: endOffset };
}

/** The first batch that holds `offset` or comes after it. */
function lowerBound(batches: readonly StoredBatch[], offset: number): number {
  let low = 0;
  let high = batches.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((batches[middle] as StoredBatch).lastOffset < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}

function unknown(name: string): TopicError {
  return new TopicError('UNKNOWN_TOPIC_OR_PARTITION', name);
}
