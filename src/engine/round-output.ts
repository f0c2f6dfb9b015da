import { BatchBuilder, type EncodedHeaders } from '../record/batch-builder.ts';
import type { PartitionBatch } from '../topics/topics.ts';

/** Below Kafka's default max.message.bytes with room for one large record. */
const BATCH_BYTES = 512 * 1024;

/** What a round wants to append, as unsealed batches per partition, in the order of writing. */
export class RoundOutput {
  readonly #builders = new Map<string, BatchBuilder[]>();
  #full: PartitionBatch[] = [];
  #fullBytes = 0;
  #openBytes = 0;

  /** Roughly, of all batches. */
  get sizeBytes(): number {
    return this.#fullBytes + this.#openBytes;
  }

  append(
    topic: string,
    partition: number,
    timestampMs: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers?: EncodedHeaders,
  ): void {
    const builder = this.#builder(topic, partition);
    const before = builder.sizeBytes;
    if (builder.append(timestampMs, key, value, headers) < 0) {
      this.#close(topic, partition, builder);
      builder.append(timestampMs, key, value, headers);
      this.#openBytes += builder.sizeBytes;
    } else this.#openBytes += builder.sizeBytes - before;
  }

  /** All batches so far; the next round starts empty. */
  take(): PartitionBatch[] {
    for (const [topic, builders] of this.#builders)
      builders.forEach((builder, partition) => {
        if (builder.count > 0) this.#close(topic, partition, builder);
      });
    const taken = this.#full;
    this.#full = [];
    this.#fullBytes = 0;
    this.#openBytes = 0;
    return taken;
  }

  #builder(topic: string, partition: number): BatchBuilder {
    let builders = this.#builders.get(topic);
    if (!builders) {
      builders = [];
      this.#builders.set(topic, builders);
    }
    let builder = builders[partition];
    if (!builder) {
      builder = new BatchBuilder({ maxBytes: BATCH_BYTES });
      builders[partition] = builder;
    }
    return builder;
  }

  #close(topic: string, partition: number, builder: BatchBuilder): void {
    const batch = builder.build();
    this.#full.push({ topic, partition, batch });
    this.#fullBytes += batch.length;
    this.#openBytes -= builder.sizeBytes;
    builder.reset();
  }
}
