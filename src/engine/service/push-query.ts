import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { ResultColumn, TransientQuery } from '../../sql/planned.ts';
import type { Position } from '../../topics/topics.ts';
import { approximateRowBytes } from '../row-size.ts';
import type { OutputChange, RunningQuery, TransientPlan } from '../running-query.ts';
import type { Consistency } from './consistency.ts';
import { CONTINUATION_TOKEN, positionsOf, TOKENS_ENABLED, tokenOf } from './continuation-token.ts';
import { BAD_STATEMENT, KsqlError, SERVER_ERROR } from './ksql-error.ts';
import { sourceSteps } from './plan-walk.ts';
import type { QueryLimits } from './query-limits.ts';
import type { QueryEngine, QueryRegistry } from './query-registry.ts';
import { BoundedStream, type Ending, type ResultRow, type RowStream } from './row-stream.ts';
import { areBehind, type Feed, isResumable, type RowListener, type SharedPushes } from './shared-pushes.ts';

export interface PushOptions {
  readonly engine: QueryEngine;
  readonly queries: QueryRegistry;
  readonly shared: SharedPushes;
  readonly consistency: Consistency;
  readonly logger: Logger;
  readonly limits: QueryLimits;
  readonly text: string;
  /** The principal that asks. */
  readonly owner: string;
  readonly clock: Clock;
  /** How much may wait for the reader before the query holds, and for how long it then waits. */
  readonly maxWaitingBytes: number;
  readonly stallMs: number;
}

/**
 * A push query: committed changes go to one reader, until the reader leaves, the limit is reached, or the reader has
 * stopped reading. `streamPull` ends it at the present end of its stream.
 *
 *   query shared with others --+--> waiting rows --> reader
 *      | full: leaves it  ^    |
 *      v                  | caught up: joins it again
 *   query of its own, paced ---+
 *
 * Invariant: `#added` is behind all rows that were added, `#taken` behind all that the reader took; whoever goes on from
 * there misses nothing and sees nothing twice.
 */
export class PushRows implements RowStream {
  readonly queryId: string;
  readonly kind: 'push' | 'streamPull';
  readonly columns: readonly ResultColumn[];
  readonly #rows: BoundedStream<ResultRow>;
  readonly #options: PushOptions;
  readonly #plan: TransientPlan;
  readonly #keyLength: number;
  readonly #isTable: boolean;
  /** ksqlDB's scalable queries do not show records without a key. */
  readonly #skipsKeyless: boolean;
  readonly #isResumable: boolean;
  readonly #tellsTokens: boolean;
  /** Changes of records before these were made before it was asked for. */
  #begin = new Map<number, number>();
  #added: readonly Position[] | undefined;
  #taken: readonly Position[] | undefined;
  #feed: Feed | undefined;
  #isShared = false;
  /** In how many rounds it must have kept up alone to be one of the others again: more each time that it fell behind. */
  #trialRounds = 1;
  #closed = false;

  private constructor(planned: TransientQuery, kind: 'push' | 'streamPull', options: PushOptions) {
    const { root, properties } = planned.plan;
    this.queryId = planned.plan.queryId;
    this.kind = kind;
    this.columns = planned.columns;
    this.#options = options;
    this.#plan = planned.plan;
    this.#keyLength = root.schema.key.length;
    this.#isTable = root.relation === 'TABLE';
    this.#skipsKeyless = planned.isScalable === true && this.#keyLength > 0;
    this.#isResumable = isResumable(root);
    const sizeOf = ({ values }: ResultRow): number => {
      const bytes = approximateRowBytes(values);
      options.limits.pushed(bytes);
      return bytes;
    };
    this.#tellsTokens = this.#isResumable && properties[TOKENS_ENABLED]?.toLowerCase() === 'true';
    this.#rows = new BoundedStream({
      maxBytes: options.maxWaitingBytes,
      sizeOf,
      stall: { afterMs: options.stallMs, clock: options.clock },
      ...(planned.limit !== undefined && { limit: planned.limit }),
      onTaken: () => {
        this.#taken = this.#added;
      },
      continuation: () => this.#token(),
      onClose: () => {
        this.#closed = true;
        options.queries.removePush(this.queryId);
        this.#leave();
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
    try {
      await rows.#run();
    } catch (error) {
      rows.#leave();
      throw error;
    }
    return rows;
  }

  get ending(): Ending | undefined {
    return this.#rows.ending;
  }

  get continuation(): string | undefined {
    return this.#tellsTokens ? this.#token() : undefined;
  }

  get isShared(): boolean {
    return this.#isShared;
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
    return this.#feed?.running;
  }

  async #run(): Promise<void> {
    const { properties, root } = this.#plan;
    const topics = sourceSteps(root).map(({ topic }) => topic);
    const token = properties[CONTINUATION_TOKEN];
    if (token) await this.#resume(positionsOf(token, topics));
    else if (this.#isResumable && this.kind === 'push' && properties['auto.offset.reset'] !== 'earliest')
      await this.#share(topics);
    else await this.#goAlone(this.#plan);
    if (this.#closed) return this.#leave();
    this.#options.queries.addPush({
      id: this.queryId,
      text: this.#options.text,
      owner: this.#options.owner,
      plan: this.#plan,
      running: () => this.#feed!.running,
      close: () => this.complete(),
    });
  }

  async #resume(from: readonly Position[]): Promise<void> {
    if (!this.#isResumable)
      throw new KsqlError(
        BAD_STATEMENT,
        'A query that joins a stream, groups or aggregates cannot go on from a token: what it had gathered is gone.',
      );
    this.#added = from;
    this.#taken = from;
    await this.#goAlone({ ...this.#plan, from });
  }

  async #share(topics: readonly string[]): Promise<void> {
    const { shared, consistency } = this.#options;
    const early: Parameters<RowListener>[] = [];
    let take: RowListener = (...told) => early.push(told);
    const toRow = (change: OutputChange) => this.#resultRow(change);
    const feed = await shared.join(this.#plan, toRow, (...told) => take(...told));
    this.#attach(feed);
    this.#isShared = true;
    const ends = await consistency.ends(topics);
    this.#begin = new Map(ends.map(({ partition, offset }) => [partition, offset]));
    this.#added = ends;
    this.#taken = ends;
    take = (...told) => this.#takeShared(feed, ...told);
    for (const told of early) take(...told);
  }

  #takeShared(feed: Feed, ...told: Parameters<RowListener>): void {
    if (this.#feed !== feed) return;
    this.#take(...told);
    if (!this.#closed && this.#rows.hold()) void this.#fallBehind().catch((error: Error) => this.fail(error));
  }

  /** Others must not wait for this reader. It goes on alone when there is room again, from where it has left. */
  async #fallBehind(): Promise<void> {
    const from = this.#added!;
    this.#isShared = false;
    this.#trialRounds *= 2;
    this.#leave();
    this.#feed = { running: this.#feed!.running, leave: async () => {} };
    await this.#rows.hold();
    // Offsets of several topics do not say together from where on to go on.
    const mayRejoin = sourceSteps(this.#plan.root).length === 1;
    if (!this.#closed) await this.#goAlone({ ...this.#plan, from }, mayRejoin);
  }

  async #goAlone(plan: TransientPlan, mayRejoin = false): Promise<void> {
    const running = await this.#options.engine.startTransient(plan, this.#rows);
    const feed: Feed = { running, leave: () => running.stop() };
    let hasRejoined = false;
    let keptUpRounds = 0;
    // The changes of one commit arrive in order; those made before this line wait in the query.
    running.subscribe((changes, positions) => {
      if (hasRejoined) return;
      keptUpRounds = this.#rows.isEmpty ? keptUpRounds + 1 : 0;
      const rows = changes.map((change) => this.#resultRow(change));
      this.#take(rows, changes, positions);
      const isDue = mayRejoin && keptUpRounds >= this.#trialRounds && this.#feed === feed;
      hasRejoined = isDue && this.#rejoin(positions);
    });
    this.#added ??= running.positions();
    this.#taken ??= this.#added;
    this.#attach(feed);
    if (this.#closed) this.#leave();
  }

  /**
   * Back from a query of its own, which has told all below `from`, in one turn: what the others are told from now on begins
   * there or before, and what was before it is left out.
   */
  #rejoin(from: readonly Position[]): boolean {
    if (this.#closed || this.#rows.hold()) return false;
    let isBehind = true;
    const feed = this.#options.shared.rejoin(this.#plan, from, (rows, changes, positions) => {
      if (isBehind && areBehind(positions, from)) isBehind = false;
      this.#takeShared(feed!, rows, changes, isBehind ? later(from, positions) : positions);
    });
    if (!feed) return false;
    this.#leave();
    this.#begin = new Map(from.map(({ partition, offset }) => [partition, offset]));
    this.#attach(feed);
    this.#isShared = true;
    return true;
  }

  #attach(feed: Feed): void {
    this.#feed = feed;
    void feed.running.failed.then((error) => {
      if (this.#feed === feed) this.fail(new KsqlError(SERVER_ERROR, error.message));
    });
  }

  #leave(): void {
    this.#feed?.leave().catch((error: Error) => {
      this.#options.logger.warn('a push query did not stop cleanly', {
        query: this.queryId,
        reason: error.message,
      });
    });
  }

  #take(...[rows, changes, positions]: Parameters<RowListener>): void {
    for (const [i, row] of rows.entries()) {
      const { partition, offset } = changes[i]!;
      if (row && offset >= (this.#begin.get(partition) ?? 0)) this.#rows.add(row);
    }
    this.#added = positions;
  }

  #token(): string | undefined {
    return this.#isResumable && this.#taken ? tokenOf(this.#taken) : undefined;
  }

  /**
   * Selected columns follow the root's key columns in every row; a deletion keeps only those that are keys. ksqlDB
   * does not show a stream's records without a value.
   */
  #resultRow(change: OutputChange): ResultRow | undefined {
    if (this.#skipsKeyless && change.key.every((value) => value === null)) return undefined;
    if (change.row) return { values: change.row.slice(this.#keyLength), tombstone: false };
    if (!this.#isTable) return undefined;
    const values = this.columns.map(({ keyIndex }) =>
      keyIndex === undefined ? null : (change.key[keyIndex] ?? null),
    );
    return { values, tombstone: true };
  }
}

/** Of each partition the later of both. */
function later(positions: readonly Position[], others: readonly Position[]): readonly Position[] {
  return positions.map((position) => {
    const { topic, partition, offset } = position;
    const other = others.find((one) => one.topic === topic && one.partition === partition);
    return other && other.offset > offset ? other : position;
  });
}
