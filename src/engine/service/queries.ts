import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { SchemaById } from '../../serde/schemas.ts';
import type { Planned, PlannedOf, TransientQuery } from '../../sql/planned.ts';
import type { Topics } from '../../topics/topics.ts';
import type { PulledRows } from '../running-query.ts';
import { checkCoPartitioned } from './co-partitioning.ts';
import type { Consistency } from './consistency.ts';
import type { Given } from './definitions.ts';
import { BAD_STATEMENT, KsqlError, TOO_MANY_QUERIES } from './ksql-error.ts';
import { sourceSteps, writesInto } from './plan-walk.ts';
import { PrintLines } from './print-topic.ts';
import { PrintedValues } from './printed-values.ts';
import { PullRows } from './pull-query.ts';
import { PushRows } from './push-query.ts';
import { QueryLimits } from './query-limits.ts';
import type { QueryEngine, QueryRegistry } from './query-registry.ts';
import type { RowStream } from './row-stream.ts';
import { SharedPushes } from './shared-pushes.ts';
import type { SqlState } from './sql-state.ts';

const DEFAULT_CONSISTENCY_TIMEOUT_MS = 5_000;
const DAY_MS = 86_400_000;

export type QueryAnswer =
  | { readonly kind: 'rows'; readonly rows: RowStream }
  | { readonly kind: 'print'; readonly lines: PrintLines };

interface Parts {
  readonly state: SqlState;
  readonly queries: QueryRegistry;
  readonly topics: Topics;
  readonly engine: QueryEngine;
  readonly consistency: Consistency;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxPushQueries: number;
  readonly maxWaitingBytes: number;
  readonly stallMs: number;
  readonly schemaById: SchemaById | undefined;
}

/** What of a push query is its asker's. */
interface Asked {
  readonly text: string;
  readonly owner: string;
}

/** SELECT and PRINT: pull queries read a table once, push queries and PRINT go on. */
export class Queries {
  readonly #parts: Parts;
  readonly #shared: SharedPushes;
  readonly #limits: QueryLimits;
  readonly #printed: PrintedValues;
  #started = 0;
  /** Push queries on their way into the registry. */
  #starting = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#shared = new SharedPushes(parts.engine);
    this.#limits = new QueryLimits(parts.clock);
    this.#printed = new PrintedValues(parts.schemaById);
  }

  nextTransientId(): string {
    this.#started += 1;
    return `transient_${this.#parts.clock.nowMs()}_${this.#started}`;
  }

  async run(planned: Planned, text: string, given: Given, owner: string): Promise<QueryAnswer> {
    switch (planned.kind) {
      case 'pull':
        return { kind: 'rows', rows: await this.#limitedPull(planned, given) };
      case 'push':
        return { kind: 'rows', rows: await this.#push(planned, 'push', { text, owner }) };
      case 'streamPull':
        return { kind: 'rows', rows: await this.#streamPull(planned, { text, owner }, given) };
      case 'print':
        return { kind: 'print', lines: await this.#print(planned) };
      default:
        throw new KsqlError(BAD_STATEMENT, 'Exactly one SELECT or PRINT statement is expected here.');
    }
  }

  async #limitedPull(planned: PlannedOf<'pull'>, given: Given): Promise<RowStream> {
    const end = this.#limits.beginPull(given.properties);
    try {
      const { columns } = planned.shape;
      const rows = await this.#pull(planned, given);
      const queryId = `query_${this.#parts.clock.nowMs()}`;
      return new PullRows(queryId, columns, rows, { limits: this.#limits, end });
    } catch (error) {
      end?.();
      throw error;
    }
  }

  async #pull(planned: PlannedOf<'pull'>, given: Given): Promise<PulledRows> {
    const { state, queries, consistency } = this.#parts;
    const { shape } = planned;
    const mayRange = shape.hasKeyRange && !isOff(given, 'ksql.query.pull.range.scan.enabled');
    if (!planned.keys && !mayRange && isOff(given, 'ksql.query.pull.table.scan.enabled'))
      throw new KsqlError(
        BAD_STATEMENT,
        'The query would read the whole table, and ksql.query.pull.table.scan.enabled is false. Name keys in WHERE.',
      );
    const queryId = state.source(shape.source)?.createdByQuery;
    if (queryId === undefined || !queries.find(queryId)) throw notQueryable(shape.source);
    await consistency.settle(queryId, consistencyTimeoutMs(given));
    const keeper = queries.keeper(queryId);
    if (!keeper && queries.find(queryId)?.paused)
      throw new KsqlError(
        BAD_STATEMENT,
        `Query ${queryId} was paused before the last start, so its table is not loaded: RESUME ${queryId};`,
      );
    if (!keeper) throw notQueryable(shape.source);
    return keeper.pull(planned);
  }

  /** Reads the stream's topics from the beginning up to where they end now. */
  async #streamPull(planned: PlannedOf<'streamPull'>, asked: Asked, given: Given): Promise<RowStream> {
    const { queries, consistency } = this.#parts;
    const timeoutMs = consistencyTimeoutMs(given);
    const topics = [...new Set(sourceSteps(planned.plan.root).map(({ topic }) => topic))];
    const writers = [...queries.persistent()].filter(({ plan }) => writesInto(plan, topics));
    await Promise.all(writers.map(({ plan }) => consistency.settle(plan.queryId, timeoutMs)));
    const ends = await consistency.ends(topics);
    const properties = { ...planned.plan.properties, 'auto.offset.reset': 'earliest' };
    const whole = { ...planned, plan: { ...planned.plan, properties } };
    const rows = await this.#push(whole, 'streamPull', asked);
    // A long topic takes its time; the reader may leave, which ends the query and so this wait.
    rows.running?.reached(ends, DAY_MS).then(
      () => rows.complete(),
      (error: Error) => rows.fail(error),
    );
    return rows;
  }

  async #print(planned: PlannedOf<'print'>): Promise<PrintLines> {
    const { topics, clock } = this.#parts;
    const [exact] = await topics.describe([planned.topic]);
    const topic =
      exact ??
      (await topics.describe()).find(({ name }) => name.toUpperCase() === planned.topic.toUpperCase());
    if (!topic)
      throw new KsqlError(
        BAD_STATEMENT,
        `Topic '${planned.topic}' does not exist. SHOW TOPICS lists what there is.`,
      );
    return PrintLines.start(planned, topic, topics, clock, this.#printed);
  }

  async #push(planned: TransientQuery, kind: 'push' | 'streamPull', asked: Asked): Promise<PushRows> {
    const { queries, topics, maxPushQueries } = this.#parts;
    this.#limits.beginPush(planned.plan.properties);
    if (queries.pushCount + this.#starting >= maxPushQueries)
      throw new KsqlError(
        TOO_MANY_QUERIES,
        `Already ${maxPushQueries} push queries run here, which is the limit.`,
      );
    this.#starting += 1;
    try {
      await checkCoPartitioned(topics, planned.plan.root);
      return await PushRows.start(planned, kind, {
        ...this.#parts,
        shared: this.#shared,
        limits: this.#limits,
        ...asked,
      });
    } finally {
      this.#starting -= 1;
    }
  }
}

function consistencyTimeoutMs({ properties }: Given): number {
  const value = properties['ksql.query.pull.consistency.timeout.ms'];
  return value === undefined ? DEFAULT_CONSISTENCY_TIMEOUT_MS : Number(value);
}

function isOff({ properties }: Given, name: string): boolean {
  return properties[name]?.toLowerCase() === 'false';
}

function notQueryable(name: string): KsqlError {
  return new KsqlError(
    BAD_STATEMENT,
    `No rows of table ${name} are kept, so there is nothing to pull. CREATE TABLE ... AS SELECT * FROM ${name} keeps them.`,
  );
}
