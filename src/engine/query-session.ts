import type { EncodedHeaders } from '../record/batch-builder.ts';
import type { QueryContext } from './operators/change.ts';
import type { PartitionReader } from './partition-reader.ts';
import type { ProcessingLog } from './processing-log.ts';

export interface QueryCounters {
  consumed: number;
  produced: number;
  errors: number;
  /** Rows that were left out of a window because it was closed. */
  late: number;
}

/** What the operators of one query share while they run. */
export class QuerySession implements QueryContext {
  rebuilding = false;
  muted = false;
  /** Whose head is being processed. */
  current: PartitionReader | undefined;
  readonly counters: QueryCounters;
  #held: { readonly headers: EncodedHeaders | undefined } | undefined;
  readonly #queryId: string;
  readonly #log: ProcessingLog;

  constructor(queryId: string, counters: QueryCounters, log: ProcessingLog) {
    this.#queryId = queryId;
    this.counters = counters;
    this.#log = log;
  }

  report(stepId: string, error: Error): void {
    // What is derived anew was reported when it happened.
    if (this.rebuilding) return;
    this.counters.errors++;
    const at = this.current;
    this.#log.report({
      queryId: this.#queryId,
      stepId,
      kind: 'expression',
      message: error.message,
      ...(at && { topic: at.topic, partition: at.partition, offset: at.position }),
    });
  }

  late(): void {
    this.counters.late++;
  }

  headers(): EncodedHeaders | undefined {
    return this.#held ? this.#held.headers : this.current?.headers();
  }

  withHeaders(headers: EncodedHeaders | undefined, tell: () => void): void {
    this.#held = { headers };
    try {
      tell();
    } finally {
      this.#held = undefined;
    }
  }

  /** A record that was left out because its bytes do not fit the schema. */
  reportSkipped(stepId: string, topic: string, partition: number, offset: number, error: Error): void {
    this.counters.errors++;
    this.#log.report({
      queryId: this.#queryId,
      stepId,
      kind: 'deserialization',
      message: error.message,
      topic,
      partition,
      offset,
    });
  }
}
