import { BatchBuilder, type EncodedHeaders } from '../record/batch-builder.ts';
import type { PartitionBatch } from '../topics/topics.ts';

/** Below Kafka's default max.message.bytes with room for one large record. */
const BATCH_BYTES = 512 * 1024;

/** What a round wants to append, as unsealed batches per partition, in the order of writing. */
export class RoundOutput {
  readonly #topics = new Map<string, TopicOutput>();
  readonly #closed: ClosedBatches = { batches: [], sizeBytes: 0 };

  /** Roughly, of all batches. */
  get sizeBytes(): number {
    let sizeBytes = this.#closed.sizeBytes;
    for (const topic of this.#topics.values()) sizeBytes += topic.openBytes;
    return sizeBytes;
  }

  /** Where records for a topic go. */
  topic(name: string): TopicOutput {
    let topic = this.#topics.get(name);
    if (!topic) {
      topic = new TopicOutput(name, this.#closed);
      this.#topics.set(name, topic);
    }
    return topic;
  }

  /** All batches so far; the next round starts empty. */
  take(): PartitionBatch[] {
    for (const topic of this.#topics.values()) topic.close();
    const { batches } = this.#closed;
    this.#closed.batches = [];
    this.#closed.sizeBytes = 0;
    return batches;
  }
}

interface ClosedBatches {
  batches: PartitionBatch[];
  sizeBytes: number;
}

/** One topic's part of a round. */
export class TopicOutput {
  readonly #topic: string;
  readonly #closed: ClosedBatches;
  readonly #builders: BatchBuilder[] = [];

  constructor(topic: string, closed: ClosedBatches) {
    this.#topic = topic;
    this.#closed = closed;
  }

  get openBytes(): number {
    let bytes = 0;
    for (const builder of this.#builders)
      if (builder !== undefined && builder.count > 0) bytes += builder.sizeBytes;
    return bytes;
  }

  /** Key and value are the first so many bytes of theirs and are copied; -1: null. */
  append(
    partition: number,
    timestampMs: number,
    key: Uint8Array,
    keyLength: number,
    value: Uint8Array,
    valueLength: number,
    headers?: EncodedHeaders,
  ): void {
    const builder = this.#builders[partition] ?? this.#newBuilder(partition);
    if (builder.appendFrom(timestampMs, key, keyLength, value, valueLength, headers) >= 0) return;
    this.#close(partition, builder);
    builder.appendFrom(timestampMs, key, keyLength, value, valueLength, headers);
  }

  close(): void {
    this.#builders.forEach((builder, partition) => {
      if (builder.count > 0) this.#close(partition, builder);
    });
  }

  #newBuilder(partition: number): BatchBuilder {
    const builder = new BatchBuilder({ maxBytes: BATCH_BYTES });
    this.#builders[partition] = builder;
    return builder;
  }

  #close(partition: number, builder: BatchBuilder): void {
    const batch = builder.build();
    this.#closed.batches.push({ topic: this.#topic, partition, batch });
    this.#closed.sizeBytes += batch.length;
    builder.reset();
  }
}
