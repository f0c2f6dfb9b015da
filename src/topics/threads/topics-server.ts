import { Buffer } from 'node:buffer';
import { type CallHandlers, Moved } from '../../base/calls.ts';
import { ownMemory } from '../../base/port.ts';
import { type PartitionBatch, TopicError, type Topics, type TransactionalWriter } from '../topics.ts';
import type { PlaceFinder } from './file-place.ts';
import type { MovedBatch, TopicsCalls } from './topics-calls.ts';
import type { WatchFlags } from './watch-flags.ts';

export interface TopicsServerOptions {
  readonly topics: Topics;
  /** Without it every read goes through this thread. */
  readonly places?: PlaceFinder | undefined;
  readonly flags: WatchFlags;
  /** Tells the other thread which of its watches have something new. */
  readonly advanced: (watches: readonly number[]) => void;
}

/**
 * Serves the topics port to one other thread, in this one, which has the log. What that thread holds here, watches and
 * writers, ends with it.
 */
export class TopicsServer {
  readonly #options: TopicsServerOptions;
  readonly #writers = new Map<number, { readonly id: string; readonly writer: TransactionalWriter }>();
  readonly #watches = new Map<number, () => void>();
  readonly #writing = new Set<Promise<unknown>>();
  #writersMade = 0;
  #advanced: number[] = [];
  #isClosed = false;

  constructor(options: TopicsServerOptions) {
    this.#options = options;
  }

  readonly handlers: CallHandlers<TopicsCalls> = {
    create: (topic) => this.#options.topics.create(topic),
    delete: (name) => this.#options.topics.delete(name),
    describe: (names) => this.#options.topics.describe(names),
    offsets: (partition) => this.#options.topics.offsets(partition),
    read: (ask) => this.#read(ask),
    append: (batch) => this.#write(() => this.#options.topics.append(received(batch))),
    transact: (id) => this.#write(() => this.#transact(id)),
    positions: ({ writer, group }) => this.#writer(writer).positions(group),
    commit: ({ writer, batches, ...work }) =>
      this.#write(() => this.#writer(writer).commit({ ...work, batches: batches.map(received) })),
    watch: ({ watch, partitions }) => this.#watch(watch, partitions),
    unwatch: (watch) => {
      this.#watches.get(watch)?.();
      this.#watches.delete(watch);
    },
  };

  /** The other thread is gone. Resolves when nothing of it is on its way to the log any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const stop of this.#watches.values()) stop();
    this.#watches.clear();
    await Promise.allSettled(this.#writing);
    this.#writers.clear();
  }

  async #read({ offset, maxBytes, isolation, ...partition }: TopicsCalls['read']['ask']) {
    const chunk = await this.#options.topics.read(partition, offset, { maxBytes, isolation });
    const place = await this.#options.places?.find(partition, chunk.nextOffset);
    // A copy, because the log may serve the same bytes to others.
    const bytes = new Uint8Array(chunk.bytes);
    return new Moved({ chunk: { ...chunk, bytes }, place }, [bytes.buffer]);
  }

  async #transact(id: string): Promise<number> {
    const writer = await this.#options.topics.transact(id);
    // An earlier owner in the same thread is fenced by now.
    for (const [number, held] of this.#writers) if (held.id === id) this.#writers.delete(number);
    const number = ++this.#writersMade;
    this.#writers.set(number, { id, writer });
    return number;
  }

  #writer(number: number): TransactionalWriter {
    const held = this.#writers.get(number);
    if (held) return held.writer;
    throw new TopicError('PRODUCER_FENCED', 'The transactional id has another owner.');
  }

  #write<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#isClosed) return Promise.reject(new Error('the thread that asked for this has ended'));
    const writing = work();
    this.#writing.add(writing);
    const done = () => this.#writing.delete(writing);
    writing.then(done, done);
    return writing;
  }

  #watch(watch: number, partitions: TopicsCalls['watch']['ask']['partitions']): void {
    if (this.#isClosed) return;
    try {
      this.#watches.set(
        watch,
        this.#options.topics.watch(partitions, () => this.#note(watch)),
      );
    } finally {
      // Once at the beginning: the log may have grown while the message was on its way. Also when there is no such
      // partition, which reading it then says.
      this.#note(watch);
    }
  }

  /** One message for all that moved in one turn, and none while the last about the same watch is not read. */
  #note(watch: number): void {
    if (!this.#options.flags.raise(watch)) return;
    if (this.#advanced.push(watch) > 1) return;
    queueMicrotask(() => {
      const advanced = this.#advanced;
      this.#advanced = [];
      if (!this.#isClosed) this.#options.advanced(advanced);
    });
  }
}

function received({ topic, partition, batch }: MovedBatch): PartitionBatch {
  const { buffer, byteOffset, byteLength } = ownMemory(batch);
  return { topic, partition, batch: Buffer.from(buffer, byteOffset, byteLength) };
}
