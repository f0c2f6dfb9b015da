import type { Row } from '../../data/schema.ts';
import type { ResultColumn } from '../../sql/planned.ts';
import { KsqlError } from './ksql-error.ts';

export interface ResultRow {
  readonly values: Row;
  /** A table's row that went away: only its key columns are set. */
  readonly tombstone: boolean;
}

/** What a reader takes from the server in its own time. */
export interface Stream<Item> {
  /** The next items, at least one; undefined at the end. Rejects with the reason when it was cut off. */
  next(): Promise<readonly Item[] | undefined>;
  /** The reader has gone; whatever feeds the stream stops. */
  close(): void;
}

export type Ending = 'limit' | 'complete';

export interface RowStream extends Stream<ResultRow> {
  readonly queryId: string;
  /** `streamPull` reads a stream from its beginning to its present end. */
  readonly kind: 'push' | 'pull' | 'streamPull';
  readonly columns: readonly ResultColumn[];
  /** Set once `next` gave undefined. */
  readonly ending: Ending | undefined;
}

/** An answer that is complete already. */
export class FixedRows implements RowStream {
  readonly kind = 'pull';
  readonly queryId: string;
  readonly columns: readonly ResultColumn[];
  readonly ending: Ending = 'complete';
  #rows: readonly ResultRow[] | undefined;

  constructor(queryId: string, columns: readonly ResultColumn[], rows: readonly ResultRow[]) {
    this.queryId = queryId;
    this.columns = columns;
    this.#rows = rows.length === 0 ? undefined : rows;
  }

  async next(): Promise<readonly ResultRow[] | undefined> {
    const rows = this.#rows;
    this.#rows = undefined;
    return rows;
  }

  close(): void {
    this.#rows = undefined;
  }
}

/**
 * Between a feed that cannot wait (committed changes) and a reader that may be slow. At most `maxItems` wait here:
 * a reader that falls further behind is cut off with an error, so that it never costs others memory or time.
 *
 *   feed -- add --> [ items ] -- next --> reader
 *                      |
 *                      +-- full: items dropped, the reader's next() rejects
 */
export class BoundedStream<Item> implements Stream<Item> {
  readonly #maxItems: number;
  readonly #limit: number;
  readonly #onClose: () => void;
  #items: Item[] = [];
  #taken = 0;
  #failure: Error | undefined;
  #ending: Ending | undefined;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(options: { readonly maxItems: number; readonly limit?: number; readonly onClose: () => void }) {
    this.#maxItems = options.maxItems;
    this.#limit = options.limit ?? Number.POSITIVE_INFINITY;
    this.#onClose = options.onClose;
    if (this.#limit === 0) this.end('limit');
  }

  get ending(): Ending | undefined {
    return this.#items.length === 0 ? this.#ending : undefined;
  }

  /** How many items wait for the reader. */
  get waiting(): number {
    return this.#items.length;
  }

  add(item: Item): void {
    if (this.#ending !== undefined || this.#failure || this.#closed) return;
    if (this.#items.length >= this.#maxItems) {
      const message = `The reader is too slow: ${this.#maxItems} results were waiting for it. The query was ended.`;
      this.#items = [];
      this.fail(new KsqlError(50000, message));
      return;
    }
    this.#items.push(item);
    this.#taken += 1;
    if (this.#taken >= this.#limit) this.end('limit');
    else this.#signal();
  }

  /** The reader still gets what waits, then the end. */
  end(ending: Ending): void {
    if (this.#ending !== undefined || this.#failure) return;
    this.#ending = ending;
    this.#release();
  }

  fail(error: Error): void {
    if (this.#ending !== undefined || this.#failure) return;
    this.#failure = error;
    this.#release();
  }

  async next(): Promise<readonly Item[] | undefined> {
    for (;;) {
      if (this.#failure) throw this.#failure;
      if (this.#items.length > 0) {
        const items = this.#items;
        this.#items = [];
        return items;
      }
      if (this.#ending !== undefined || this.#closed) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#items = [];
    this.end('complete');
    this.#closed = true;
    this.#signal();
  }

  #release(): void {
    this.#onClose();
    this.#signal();
  }

  #signal(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
