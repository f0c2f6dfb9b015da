import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { isRegistryOutage } from '../../serde/schema-registry.ts';
import type { ResultColumn, TransientQuery } from '../../sql/planned.ts';
import type { Position } from '../../topics/topics.ts';
import { approximateRowBytes } from '../row-size.ts';
import type { RunningQuery } from '../running-query.ts';
import type { Consistency } from './consistency.ts';
import { CONTINUATION_TOKEN, positionsOf, TOKENS_ENABLED, tokenOf } from './continuation-token.ts';
import { areBehind, later, type RowListener, type Subscription } from './fanout.ts';
import { BAD_STATEMENT, KsqlError, REGISTRY_AWAY, SERVER_ERROR } from './ksql-error.ts';
import { sourceSteps } from './plan-walk.ts';
import type { QueryLimits } from './query-limits.ts';
import type { QueryRegistry } from './query-registry.ts';
import { BoundedStream, type Ending, type ResultRow, type RowStream } from './row-stream.ts';
import { isResumable, type SharedPushes } from './shared-pushes.ts';

export interface PushOptions {
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

type Told = Parameters<RowListener['told']>;

/**
 * A push query: committed changes go to one reader, until the reader leaves, the limit is reached, or the reader has
 * stopped reading. `streamPull` ends it at the present end of its stream.
 *
 *   query shared with others --+--> waiting rows --> reader
 *      | full: leaves it  ^    |
 *      v                  | caught up: joins it again, or shares its own
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
  readonly #query: TransientQuery;
  readonly #isResumable: boolean;
  readonly #tellsTokens: boolean;
  /** Changes of records before these were made before it was asked for. */
  #begin = new Map<number, number>();
  #added: readonly Position[] | undefined;
  #taken: readonly Position[] | undefined;
  #feed: Subscription | undefined;
  #isShared = false;
  /** In how many rounds it must have kept up alone to be one of the others again: more each time that it fell behind. */
  #trialRounds = 1;
  #closed = false;

  private constructor(query: TransientQuery, kind: 'push' | 'streamPull', options: PushOptions) {
    const { root, properties } = query.plan;
    this.queryId = query.plan.queryId;
    this.kind = kind;
    this.columns = query.columns;
    this.#options = options;
    this.#query = query;
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
      ...(query.limit !== undefined && { limit: query.limit }),
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
    query: TransientQuery,
    kind: 'push' | 'streamPull',
    options: PushOptions,
  ): Promise<PushRows> {
    const rows = new PushRows(query, kind, options);
    if (query.limit === 0) return rows;
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
    this.#rows.fail(asKsqlError(error));
  }

  get running(): RunningQuery | undefined {
    return this.#feed?.running;
  }

  async #run(): Promise<void> {
    const { plan } = this.#query;
    const topics = sourceSteps(plan.root).map(({ topic }) => topic);
    const token = plan.properties[CONTINUATION_TOKEN];
    if (token) await this.#resume(positionsOf(token, topics));
    else if (this.#isResumable && this.kind === 'push' && plan.properties['auto.offset.reset'] !== 'earliest')
      await this.#share(topics);
    else await this.#goAlone();
    if (this.#closed) return this.#leave();
    this.#options.queries.addPush({
      id: this.queryId,
      text: this.#options.text,
      owner: this.#options.owner,
      plan,
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
    await this.#goAlone(from);
  }

  async #share(topics: readonly string[]): Promise<void> {
    const { shared, consistency } = this.#options;
    const early: Told[] = [];
    let take = (...told: Told): void => void early.push(told);
    this.#feed = await shared.join(
      this.#query,
      this.#listener((...told) => take(...told)),
    );
    this.#isShared = true;
    const ends = await consistency.ends(topics);
    this.#beginAt(ends);
    this.#added = ends;
    this.#taken = ends;
    take = (...told) => this.#takeShared(...told);
    for (const told of early) take(...told);
  }

  #takeShared(...told: Told): void {
    if (!this.#isShared) return;
    this.#take(...told);
    if (!this.#closed && this.#rows.hold()) void this.#fallBehind().catch((error: Error) => this.fail(error));
  }

  /** Others must not wait for this reader. It goes on alone when there is room again, from where it has left. */
  async #fallBehind(): Promise<void> {
    const from = this.#added!;
    this.#isShared = false;
    this.#trialRounds *= 2;
    this.#leave();
    await this.#rows.hold();
    // Offsets of several topics do not say together from where on to go on.
    const mayRejoin = sourceSteps(this.#query.plan.root).length === 1;
    if (!this.#closed) await this.#goAlone(from, mayRejoin);
  }

  async #goAlone(from?: readonly Position[], mayRejoin = false): Promise<void> {
    let own: Subscription | undefined;
    let keptUpRounds = 0;
    // The changes of one commit arrive in order; those made before this line wait in the query.
    const listener = this.#listener((...told) => {
      // Meanwhile others may have come to it.
      if (this.#isShared) return this.#takeShared(...told);
      keptUpRounds = this.#rows.isEmpty ? keptUpRounds + 1 : 0;
      this.#take(...told);
      if (mayRejoin && own && keptUpRounds >= this.#trialRounds) this.#rejoin(own, told[2]);
    });
    own = await this.#options.shared.alone(this.#query, { from, pace: this.#rows }, listener);
    this.#added ??= own.running.positions();
    this.#taken ??= this.#added;
    this.#feed = own;
    if (this.#closed) this.#leave();
  }

  /**
   * Back from a query of its own, which has told all below `from`, in one turn: what the others are told from now on begins
   * there or before, and what was before it is left out.
   */
  #rejoin(own: Subscription, from: readonly Position[]): void {
    if (this.#closed || this.#rows.hold()) return;
    let isBehind = true;
    const listener = this.#listener((rows, changes, positions) => {
      if (isBehind && areBehind(positions, from)) isBehind = false;
      this.#takeShared(rows, changes, isBehind ? later(from, positions) : positions);
    });
    const feed = this.#options.shared.rejoin(this.#query, from, own, listener);
    if (!feed) return;
    if (feed !== own) this.#leave();
    this.#beginAt(from);
    this.#feed = feed;
    this.#isShared = true;
  }

  #listener(told: RowListener['told']): RowListener {
    return { told, failed: (error) => this.fail(error) };
  }

  #beginAt(positions: readonly Position[]): void {
    this.#begin = new Map(positions.map(({ partition, offset }) => [partition, offset]));
  }

  #leave(): void {
    this.#feed?.leave().catch((error: Error) => {
      this.#options.logger.warn('a push query did not stop cleanly', {
        query: this.queryId,
        reason: error.message,
      });
    });
  }

  #take(...[rows, changes, positions]: Told): void {
    for (const [i, row] of rows.entries()) {
      const { partition, offset } = changes[i]!;
      if (row && offset >= (this.#begin.get(partition) ?? 0)) this.#rows.add(row);
    }
    this.#added = positions;
  }

  #token(): string | undefined {
    return this.#isResumable && this.#taken ? tokenOf(this.#taken) : undefined;
  }
}

function asKsqlError(error: Error): Error {
  if (isRegistryOutage(error)) return new KsqlError(REGISTRY_AWAY, error.message);
  return error instanceof KsqlError ? error : new KsqlError(SERVER_ERROR, error.message);
}
