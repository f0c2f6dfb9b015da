import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { QueryPlan } from '../../sql/plan.ts';
import type { Pace, PersistentQuery, RunningQuery, TransientPlan } from '../running-query.ts';
import { errorClassOf, type QueryError } from '../setbacks.ts';
import { BAD_STATEMENT, KsqlError } from './ksql-error.ts';

/** The part of the engine that the service drives. */
export interface QueryEngine {
  start(plan: QueryPlan): Promise<PersistentQuery>;
  startTransient(plan: TransientPlan, pace?: Pace): Promise<RunningQuery>;
  /** Removes what a query that will never run again has kept: snapshots, changelogs, committed positions. */
  dropState(queryId: string): Promise<void>;
  /** The same for every query but these: a crash may have come between the end of one and that of its state. */
  dropOtherState(queryIds: readonly string[]): Promise<void>;
}

export interface PersistentEntry {
  readonly plan: QueryPlan;
  /** Missing while it is paused or when it could not be started. */
  readonly running: PersistentQuery | undefined;
  readonly paused: boolean;
  /** The query that was paused: its table can still be read. */
  readonly pausedQuery?: PersistentQuery | undefined;
  /** Why it could not be started. */
  readonly failure: QueryError | undefined;
}

export interface PushEntry {
  readonly id: string;
  readonly text: string;
  /** The principal that asked for it. */
  readonly owner: string;
  readonly plan: TransientPlan;
  /** Who cannot keep up with others of the same query is moved to one of its own. */
  readonly running: () => RunningQuery;
  readonly close: () => void;
}

/** The queries that run now: persistent ones by the catalog, push queries by their readers. */
export class QueryRegistry {
  readonly #engine: QueryEngine;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #persistent = new Map<string, PersistentEntry>();
  #version = 0;
  /** By upper-cased id: TERMINATE names them as an identifier. */
  readonly #push = new Map<string, PushEntry>();

  constructor(engine: QueryEngine, logger: Logger, clock: Clock) {
    this.#engine = engine;
    this.#logger = logger;
    this.#clock = clock;
  }

  /** Another one whenever a persistent query came, went, or changed: for who derives something from all of them. */
  get version(): number {
    return this.#version;
  }

  persistent(): Iterable<PersistentEntry> {
    return this.#persistent.values();
  }

  find(queryId: string): PersistentEntry | undefined {
    return this.#persistent.get(queryId);
  }

  /** The id that somebody means who wrote it without quotes: as it stands, else in upper case, as most are. */
  idOf(written: string): string {
    const upper = written.toUpperCase();
    return !this.#persistent.has(written) && this.#persistent.has(upper) ? upper : written;
  }

  /** The query whose table answers pull queries. */
  keeper(queryId: string): PersistentQuery | undefined {
    const entry = this.#persistent.get(queryId);
    const query = entry?.running ?? entry?.pausedQuery;
    return query?.keepsTable ? query : undefined;
  }

  async start(plan: QueryPlan): Promise<void> {
    const running = await this.#engine.start(plan);
    this.#set({ plan, running, paused: false, failure: undefined });
  }

  /** Another plan for a query that goes on with what it has: its state, its positions, its push queries' source. */
  async replace(plan: QueryPlan): Promise<void> {
    const entry = this.#persistent.get(plan.queryId);
    await entry?.running?.stop();
    await this.start(plan);
    entry?.running?.release();
    entry?.pausedQuery?.release();
  }

  /** As `start`, but a query that cannot run stays listed with its reason: a restart must not end in nothing. */
  async restart(plan: QueryPlan): Promise<void> {
    try {
      await this.start(plan);
    } catch (error) {
      const { message } = error as Error;
      this.#logger.error('a query could not be started', { query: plan.queryId, reason: message });
      const failure = { timestampMs: this.#clock.nowMs(), message, type: errorClassOf(error as Error) };
      this.#set({ plan, running: undefined, paused: false, failure });
    }
  }

  addPaused(plan: QueryPlan, pausedQuery?: PersistentQuery): void {
    this.#set({ plan, running: undefined, paused: true, pausedQuery, failure: undefined });
  }

  #set(entry: PersistentEntry): void {
    this.#persistent.set(entry.plan.queryId, entry);
    this.#version += 1;
  }

  /** Ends a query for ever. */
  async terminate(queryId: string): Promise<void> {
    const entry = this.#persistent.get(queryId);
    this.#persistent.delete(queryId);
    this.#version += 1;
    await entry?.running?.stop();
    entry?.running?.release();
    entry?.pausedQuery?.release();
    await this.#engine.dropState(queryId);
  }

  async pause(queryId: string): Promise<void> {
    const entry = this.#persistent.get(queryId);
    if (!entry || entry.paused) return;
    await entry.running?.stop();
    this.addPaused(entry.plan, entry.running);
  }

  async resume(queryId: string): Promise<void> {
    const entry = this.#persistent.get(queryId);
    if (!entry?.paused) return;
    await this.start(entry.plan);
    entry.pausedQuery?.release();
  }

  addPush(entry: PushEntry): void {
    this.#push.set(entry.id.toUpperCase(), entry);
  }

  removePush(id: string): void {
    this.#push.delete(id.toUpperCase());
  }

  pushes(): Iterable<PushEntry> {
    return this.#push.values();
  }

  findPush(id: string): PushEntry | undefined {
    return this.#push.get(id.toUpperCase());
  }

  get pushCount(): number {
    return this.#push.size;
  }

  async stop(): Promise<void> {
    for (const push of [...this.#push.values()]) push.close();
    await Promise.all([...this.#persistent.values()].map(({ running }) => running?.stop()));
  }
}

/** Throws a KsqlError when there may be no further persistent query: `ksql.query.persistent.active.limit`. */
export function checkCapacity(
  queries: { persistent(): Iterable<{ readonly plan: QueryPlan }> },
  properties: Readonly<Record<string, string>>,
): void {
  const limit = properties['ksql.query.persistent.active.limit'];
  if (limit === undefined) return;
  const active = [...queries.persistent()].filter(({ plan }) => !plan.sink.keepsOnly).length;
  if (active >= Number(limit))
    throw new KsqlError(
      BAD_STATEMENT,
      `The statement would be persistent query ${active + 1} and the limit is ${limit}. TERMINATE one that is not needed, or raise ksql.query.persistent.active.limit.`,
    );
}

export function stateOf(entry: PersistentEntry): string {
  if (entry.paused) return 'PAUSED';
  // ksqlDB says so too while a query waits for its next attempt.
  if (entry.running?.retry) return 'ERROR';
  return entry.running?.state ?? 'ERROR';
}
