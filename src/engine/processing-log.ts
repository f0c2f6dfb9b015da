import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { BatchBuilder } from '../record/batch-builder.ts';
import { TopicError, type Topics } from '../topics/topics.ts';

export interface ProcessingLogEntry {
  readonly queryId: string;
  readonly stepId: string;
  readonly kind: 'deserialization' | 'expression';
  readonly message: string;
  readonly topic?: string;
  readonly partition?: number;
  readonly offset?: number;
}

const MOST_WAITING = 10_000;
const BATCH_BYTES = 256 * 1024;
const LONGEST_MESSAGE = 1_000;

/**
 * What queries had to leave out, as JSON records in a topic of its own, so that it can be read with any client. Written
 * beside the queries' transactions: a restart may report a record twice, never not at all, except that a flood beyond
 * 10,000 waiting entries is counted in one entry instead of stored.
 */
export class ProcessingLog {
  readonly #topics: Topics;
  readonly #topic: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #waiting: Buffer[] = [];
  #dropped = 0;
  #flushing: Promise<void> | undefined;

  constructor(topics: Topics, topic: string, clock: Clock, logger: Logger) {
    this.#topics = topics;
    this.#topic = topic;
    this.#clock = clock;
    this.#logger = logger;
  }

  report(entry: ProcessingLogEntry): void {
    if (this.#waiting.length >= MOST_WAITING) this.#dropped++;
    else this.#waiting.push(this.#encoded(entry));
    this.#flushing ??= this.#flush();
  }

  /** Resolves when everything reported so far is in the topic, or could not be written there. */
  async settled(): Promise<void> {
    while (this.#flushing) await this.#flushing;
  }

  /** The shape ksqlDB's own processing log has, with the record's place beside it. */
  #encoded({ queryId, stepId, kind, message, topic, partition, offset }: ProcessingLogEntry): Buffer {
    const errorMessage = message.slice(0, LONGEST_MESSAGE);
    const place = { topic: topic ?? null, partition: partition ?? null, offset: offset ?? null };
    const body =
      kind === 'deserialization'
        ? { type: 0, deserializationError: { errorMessage, ...place } }
        : { type: 1, recordProcessingError: { errorMessage, ...place } };
    const suffix = kind === 'deserialization' ? '.deserializer' : '';
    return Buffer.from(
      JSON.stringify({
        level: 'ERROR',
        logger: `processing.${queryId}.${stepId}${suffix}`,
        time: this.#clock.nowMs(),
        message: body,
      }),
    );
  }

  async #flush(): Promise<void> {
    try {
      // Entries of one slice go together.
      await new Promise((resolve) => setImmediate(resolve));
      await this.#createTopic();
      while (this.#waiting.length > 0 || this.#dropped > 0) await this.#writeBatch();
    } catch (error) {
      const { message } = error as Error;
      this.#logger.error('processing log entries were lost', {
        entries: this.#waiting.length,
        reason: message,
      });
      this.#waiting = [];
    } finally {
      this.#flushing = undefined;
    }
  }

  async #writeBatch(): Promise<void> {
    if (this.#dropped > 0) {
      const message = `${this.#dropped} further errors were not logged one by one`;
      this.#waiting.push(this.#encoded({ queryId: 'all', stepId: 'log', kind: 'expression', message }));
      this.#dropped = 0;
    }
    const builder = new BatchBuilder({ maxBytes: BATCH_BYTES });
    const nowMs = this.#clock.nowMs();
    let written = 0;
    for (const value of this.#waiting) {
      if (builder.append(nowMs, null, value) < 0) break;
      written++;
    }
    await this.#topics.append({ topic: this.#topic, partition: 0, batch: builder.build() });
    this.#waiting.splice(0, written);
  }

  async #createTopic(): Promise<void> {
    const found = await this.#topics.describe([this.#topic]);
    if (found.length > 0) return;
    try {
      await this.#topics.create({ name: this.#topic, partitionCount: 1 });
    } catch (error) {
      if (!(error instanceof TopicError) || error.code !== 'TOPIC_ALREADY_EXISTS') throw error;
    }
  }
}
