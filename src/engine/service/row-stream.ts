import { Deferred } from '../../base/async.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Row } from '../../data/schema.ts';
import type { ResultColumn } from '../../sql/planned.ts';
import { KsqlError, SERVER_ERROR } from './ksql-error.ts';

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
  /** All rows are here, and they are few. */
  readonly isShort?: boolean;
  /** Its rows are given to other readers too, the same objects. */
  readonly isShared?: boolean;
  /** By which to go on behind what `next` has given; of a push query that was asked to tell. */
  readonly continuation?: string | undefined;
}

export interface BoundedStreamOptions<Item> {
  readonly maxBytes: number;
  /** What an item costs while it waits, roughly. */
  readonly sizeOf: (item: Item) => number;
  readonly limit?: number;
  /** How long a full stream waits for its reader, and with which clock. */
  readonly stall?: { readonly afterMs: number; readonly clock: Clock };
  /** The reader has taken everything that was added so far. */
  readonly onTaken?: () => void;
  /** By which the reader can go on elsewhere when it is cut off. */
  readonly continuation?: () => string | undefined;
  /** The reader has left, has all it asked for, or was cut off: the feed stops. */
  readonly onClose: () => void;
}

/**
 * Between a feed and a reader that may be slow. When about `maxBytes` wait here the feed is to hold until the reader
 * has taken them; a reader that takes nothing for too long is cut off, so that nobody's memory or connection is held
 * by those who have stopped reading.
 *
 *   feed -- add --> [ items ] -- next --> reader
 *     ^                |
 *     +---- hold ------+-- full and nothing taken in `stall.afterMs`: dropped, the reader's next() rejects
 */
export class BoundedStream<Item> implements Stream<Item> {
  readonly #options: BoundedStreamOptions<Item>;
  readonly #limit: number;
  #items: Item[] = [];
  #bytes = 0;
  #added = 0;
  #failure: Error | undefined;
  #ending: Ending | undefined;
  #closed = false;
  #wake: (() => void) | undefined;
  #room: Deferred | undefined;
  #stall: Timer | undefined;

  constructor(options: BoundedStreamOptions<Item>) {
    this.#options = options;
    this.#limit = options.limit ?? Number.POSITIVE_INFINITY;
    if (this.#limit === 0) this.end('limit');
  }

  get ending(): Ending | undefined {
    return this.#items.length === 0 ? this.#ending : undefined;
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  add(item: Item): void {
    if (this.#isOver()) return;
    this.#items.push(item);
    this.#bytes += this.#options.sizeOf(item);
    this.#added += 1;
    if (this.#added >= this.#limit) this.end('limit');
    else this.#signal();
  }

  /** What the feed is to wait for; undefined while there is room. */
  hold(): Promise<void> | undefined {
    if (this.#bytes < this.#options.maxBytes || this.#isOver()) return undefined;
    if (!this.#room) {
      this.#room = new Deferred();
      const { stall } = this.#options;
      this.#stall = stall?.clock.after(stall.afterMs, () => this.#cutOff(stall.afterMs));
    }
    return this.#room.promise;
  }

  /** The reader still gets what waits, then the end. */
  end(ending: Ending): void {
    if (this.#isOver()) return;
    this.#ending = ending;
    this.#release();
  }

  fail(error: Error): void {
    if (this.#isOver()) return;
    this.#failure = error;
    this.#release();
  }

  async next(): Promise<readonly Item[] | undefined> {
    for (;;) {
      if (this.#failure) throw this.#failure;
      if (this.#items.length > 0) return this.#take();
      if (this.#ending !== undefined) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.end('complete');
    this.#take();
    this.#signal();
  }

  #isOver(): boolean {
    return this.#ending !== undefined || this.#failure !== undefined;
  }

  #take(): readonly Item[] {
    const items = this.#items;
    this.#items = [];
    this.#bytes = 0;
    this.#options.onTaken?.();
    this.#makeRoom();
    return items;
  }

  #makeRoom(): void {
    this.#stall?.cancel();
    this.#room?.resolve();
    this.#room = undefined;
  }

  #cutOff(afterMs: number): void {
    const waiting = this.#items.length;
    const message = `The reader took nothing for ${afterMs} ms while ${waiting} results were waiting. The query was ended.`;
    const continuationToken = this.#options.continuation?.();
    this.fail(new KsqlError(SERVER_ERROR, message, undefined, continuationToken));
    this.#take();
  }

  #release(): void {
    this.#makeRoom();
    this.#options.onClose();
    this.#signal();
  }

  #signal(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
