import { type PlainRow, toObjects } from '../../engine/service/row-objects.ts';
import type { RowStream } from '../../engine/service/row-stream.ts';

/** A row as a push query shows it. `tombstone`: the table's row is gone, and only its key columns are set. */
export interface TestChange<Row> {
  readonly row: Row;
  readonly tombstone: boolean;
}

/**
 * A push query's results so far (`take`), or as they come (`for await`). Both take each row once.
 *
 *   query --> [ waiting ] --+-- take()
 *                           +-- for await
 */
export class TestPush<Row = PlainRow> implements AsyncIterable<Row> {
  readonly queryId: string;
  readonly #rows: RowStream;
  readonly #settle: () => Promise<void>;
  #waiting: TestChange<Row>[] = [];
  #failure: Error | undefined;
  #hasEnded = false;
  #wake: (() => void) | undefined;

  /** Made by `TestMillrace.push`. */
  constructor(rows: RowStream, settle: () => Promise<void>) {
    this.queryId = rows.queryId;
    this.#rows = rows;
    this.#settle = settle;
    void this.#read();
  }

  /** Whether it gives no more rows than those that wait: its LIMIT is reached or it was closed. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Everything that came since the last call, once all queries have settled. */
  async take(): Promise<Row[]> {
    return (await this.takeChanges()).map(({ row }) => row);
  }

  /** As `take`, and says which rows are deletions. */
  async takeChanges(): Promise<TestChange<Row>[]> {
    await this.#settle();
    if (this.#failure) throw this.#failure;
    return this.#waiting.splice(0);
  }

  /** Ends the query; leaving a `for await` loop does so too. */
  close(): void {
    this.#rows.close();
  }

  /** Ends it with an error, as a power cut does. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#hasEnded = true;
    this.#signal();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Row> {
    try {
      for (;;) {
        const next = this.#waiting.shift();
        if (next) yield next.row;
        else if (this.#failure) throw this.#failure;
        else if (this.#hasEnded) return;
        else
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
      }
    } finally {
      this.close();
    }
  }

  async #read(): Promise<void> {
    const toObject = toObjects(this.#rows);
    try {
      for (let batch = await this.#rows.next(); batch; batch = await this.#rows.next()) {
        for (const row of batch) this.#waiting.push({ row: toObject(row) as Row, tombstone: row.tombstone });
        this.#signal();
      }
      this.#hasEnded = true;
      this.#signal();
    } catch (error) {
      this.fail(error as Error);
    }
  }

  #signal(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
