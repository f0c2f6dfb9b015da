import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { ResultColumn, TransientQuery } from '../../sql/planned.ts';
import { approximateRowBytes } from '../row-size.ts';
import type { OutputChange, RunningQuery } from '../running-query.ts';
import { KsqlError, SERVER_ERROR } from './ksql-error.ts';
import { sourceSteps } from './plan-walk.ts';
import type { QueryEngine, QueryRegistry } from './query-registry.ts';
import { BoundedStream, type Ending, type ResultRow, type RowStream } from './row-stream.ts';

export interface PushOptions {
  readonly engine: QueryEngine;
  readonly queries: QueryRegistry;
  readonly logger: Logger;
  readonly text: string;
  readonly clock: Clock;
  /** How much may wait for the reader before the query holds, and for how long it then waits. */
  readonly maxWaitingBytes: number;
  readonly stallMs: number;
}

/**
 * A push query: a transient query whose committed changes go to one reader, until the reader leaves, the limit is
 * reached, or the reader has stopped reading. A slow reader slows its query down and nobody else. `end` makes it a pull query on a stream.
 */
export class PushRows implements RowStream {
  readonly queryId: string;
  readonly kind: 'push' | 'streamPull';
  readonly columns: readonly ResultColumn[];
  readonly #rows: BoundedStream<ResultRow>;
  readonly #keyLength: number;
  readonly #isTable: boolean;
  #running: RunningQuery | undefined;
  #closed = false;

  private constructor(planned: TransientQuery, kind: 'push' | 'streamPull', options: PushOptions) {
    this.queryId = planned.plan.queryId;
    this.kind = kind;
    this.columns = planned.columns;
    this.#keyLength = planned.plan.root.schema.key.length;
    this.#isTable = planned.plan.root.relation === 'TABLE';
    this.#rows = new BoundedStream({
      maxBytes: options.maxWaitingBytes,
      sizeOf: ({ values }) => approximateRowBytes(values),
      stall: { afterMs: options.stallMs, clock: options.clock },
      ...(planned.limit !== undefined && { limit: planned.limit }),
      onClose: () => {
        this.#closed = true;
        options.queries.removePush(this.queryId);
        this.#running?.stop().catch((error: Error) => {
          options.logger.warn('a push query did not stop cleanly', {
            query: this.queryId,
            reason: error.message,
          });
        });
      },
    });
  }

  static async start(
    planned: TransientQuery,
    kind: 'push' | 'streamPull',
    options: PushOptions,
  ): Promise<PushRows> {
    const rows = new PushRows(planned, kind, options);
    if (planned.limit === 0) return rows;
    await rows.#run(planned, options);
    return rows;
  }

  get ending(): Ending | undefined {
    return this.#rows.ending;
  }

  next(): Promise<readonly ResultRow[] | undefined> {
    return this.#rows.next();
  }

  close(): void {
    this.#rows.close();
  }

  /** Everything up to the given positions has been read: the rest of the rows, then the end. */
  complete(): void {
    this.#rows.end('complete');
  }

  fail(error: Error): void {
    this.#rows.fail(error);
  }

  get running(): RunningQuery | undefined {
    return this.#running;
  }

  async #run(planned: TransientQuery, options: PushOptions): Promise<void> {
    const running = await options.engine.startTransient(planned.plan, this.#rows);
    this.#running = running;
    // The changes of one commit arrive in order; those made before this line wait in the query.
    running.subscribe((changes) => {
      for (const change of changes) {
        const row = this.#resultRow(change);
        if (row) this.#rows.add(row);
      }
    });
    void running.failed.then((error) => this.fail(new KsqlError(SERVER_ERROR, error.message)));
    if (this.#closed) {
      await running.stop();
      return;
    }
    options.queries.addPush({
      id: this.queryId,
      text: options.text,
      sources: sourceSteps(planned.plan.root).map(({ source }) => source),
      running,
      close: () => this.complete(),
    });
  }

  /**
   * Selected columns follow the root's key columns in every row; a deletion keeps only those that are keys. ksqlDB
   * does not show a stream's records without a value.
   */
  #resultRow(change: OutputChange): ResultRow | undefined {
    if (change.row) return { values: change.row.slice(this.#keyLength), tombstone: false };
    if (!this.#isTable) return undefined;
    const values = this.columns.map(({ keyIndex }) =>
      keyIndex === undefined ? null : (change.key[keyIndex] ?? null),
    );
    return { values, tombstone: true };
  }
}
