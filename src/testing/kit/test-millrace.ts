import { silentLogger } from '../../base/logger.ts';
import { MemoryDiskMap } from '../../base/memory-disk-map.ts';
import { parseTimestamp } from '../../data/time.ts';
import { quoteName } from '../../data/type-text.ts';
import { processingLogTopic } from '../../engine/names.ts';
import { collect } from '../../engine/service/answers.ts';
import type { Entity } from '../../engine/service/entities.ts';
import { stateOf } from '../../engine/service/query-registry.ts';
import type { PlainRow } from '../../engine/service/row-objects.ts';
import type { RowStream } from '../../engine/service/row-stream.ts';
import { createSession, type Session } from '../../engine/service/session.ts';
import type { Source } from '../../sql/catalog.ts';
import type { NewTopic } from '../../topics/topics.ts';
import { appendRecords } from './append-records.ts';
import { logEntry } from './log-entry.ts';
import { PowerCut } from './pump.ts';
import { ServerLives } from './server-lives.ts';
import { TestPush } from './test-push.ts';
import { sqlRow, type TestRow } from './test-row.ts';
import type {
  CrashOptions,
  InsertOptions,
  Moment,
  ProducedRecord,
  TestLogEntry,
  TestMillraceOptions,
  TestMoment,
  TestQuery,
} from './test-types.ts';
import { foldTable, type RawRecord, rawRecords, sourceRecords, type TestRecord } from './topic-records.ts';

export type { PlainValue } from '../../data/plain-value.ts';
export type { ConnectCluster } from '../../engine/service/connect-cluster.ts';
export type { Entity } from '../../engine/service/entities.ts';
export { KsqlError } from '../../engine/service/ksql-error.ts';
export type { PlainRow } from '../../engine/service/row-objects.ts';
export { MemoryConnect, type MemoryPlugin } from './memory-connect.ts';
export { PowerCut } from './pump.ts';
export type { TestChange, TestPush } from './test-push.ts';
export type { TestRow } from './test-row.ts';
export type {
  CrashOptions,
  InsertOptions,
  Moment,
  ProducedRecord,
  TestLogEntry,
  TestMillraceOptions,
  TestMoment,
  TestQuery,
} from './test-types.ts';
export type { RawRecord, TestRecord } from './topic-records.ts';

const DEFAULTS = { 'auto.offset.reset': 'earliest', 'cache.max.bytes.buffering': '0' };

/** A Millrace in memory. End it with `close`, or declare it with `await using`. */
export async function openTestMillrace(options: TestMillraceOptions = {}): Promise<TestMillrace> {
  const millrace = await TestMillrace.open(options);
  try {
    for (const topic of options.topics ?? []) await millrace.createTopic(topic);
    if (options.sql) await millrace.sql(options.sql);
    return millrace;
  } catch (error) {
    await millrace.close();
    throw error;
  }
}

/**
 * A whole Millrace for tests: the log on a file system in memory, the engine, SQL; no socket, no thread, no real time.
 * Each call returns when everything it causes has happened, so that what is asked next is never early. The same calls
 * give the same results, offsets and times, in every run.
 *
 *   at(time).insert --> topics --> queries --> rows, push, records
 *                         |  power cut (crash), restart
 *                         +--> what was synced, and what the seed's coin left of the rest
 */
export class TestMillrace implements AsyncDisposable {
  readonly #server: ServerLives;
  readonly #session: Session = createSession();
  readonly #pushes = new Set<TestPush<unknown>>();
  #isClosed = false;

  private constructor(server: ServerLives) {
    this.#server = server;
  }

  /** Use {@link openTestMillrace}. */
  static async open(options: TestMillraceOptions): Promise<TestMillrace> {
    const startMs = options.startTime === undefined ? undefined : momentMs(options.startTime);
    return new TestMillrace(await ServerLives.begin(lifeOptions(options), startMs));
  }

  /** What the clock shows. */
  get now(): Date {
    return new Date(this.#server.nowMs);
  }

  /** Lets time pass: whatever waits for it (time-outs, pauses, retention) happens. */
  advance(durationMs: number): Promise<void> {
    return this.#server.advance(durationMs);
  }

  /**
   * For records of that time. When it lies ahead the clock is put there, as an administrator would: timers do not
   * notice. An earlier time makes a late record.
   */
  at(time: Moment): TestMoment {
    const timestampMs = momentMs(time);
    return {
      insert: async (source, ...rows) => {
        this.#server.setClock(timestampMs);
        await this.#insert(source, rows, { timestampMs });
      },
      insertWith: async (options, source, ...rows) => {
        this.#server.setClock(timestampMs);
        await this.#insert(source, rows, { timestampMs, ...options });
      },
      delete: async (table, key) => {
        this.#server.setClock(timestampMs);
        await this.#insert(table, [key], { timestampMs, isTombstone: true });
      },
      produce: async (topic, ...records) => {
        this.#server.setClock(timestampMs);
        await this.#produce(topic, records, timestampMs);
      },
    };
  }

  /** Appends rows to a stream or table, in this order, at the time that the clock shows. */
  insert(source: string, ...rows: readonly TestRow[]): Promise<void> {
    return this.at(this.#server.nowMs).insert(source, ...rows);
  }

  /** Appends a tombstone for a table's key. */
  delete(table: string, key: TestRow): Promise<void> {
    return this.at(this.#server.nowMs).delete(table, key);
  }

  /** Queries are waited for once, when `work` ends: they find what it writes all at once and may commit it together. */
  together<T>(work: () => Promise<T>): Promise<T> {
    return this.#server.together(work);
  }

  /** Appends records as they are. */
  produce(topic: string, ...records: readonly ProducedRecord[]): Promise<void> {
    return this.at(this.#server.nowMs).produce(topic, ...records);
  }

  /**
   * Runs statements. SET, DEFINE and the like last until `close`, as in one session of a shell. Rejects with a KsqlError;
   * the statements before the one that is wrong stay in force. For SELECT there are `rows` and `push`.
   */
  async sql(text: string): Promise<Entity[]> {
    const entities = await this.#server.run(text, ({ sql }) => sql.execute(text, this.#session));
    await this.#server.settle();
    return entities;
  }

  /**
   * The rows of a pull query, or, given a name, all rows of that stream or table: for a table that no query keeps, what
   * its topic comes to.
   */
  async rows<Row = PlainRow>(query: string): Promise<Row[]> {
    const source = /\s/.test(query.trim()) ? undefined : this.#find(query.trim());
    if (source?.relation === 'TABLE' && source.createdByQuery === undefined)
      return foldTable(await this.records(query)) as Row[];
    const text = source ? `SELECT * FROM ${quoteName(source.name)};` : query;
    const answer = this.#rowStream(text);
    return (await this.#server.run(text, async () => collect(await answer))) as Row[];
  }

  /** Starts a push query (SELECT ... EMIT CHANGES). */
  async push<Row = PlainRow>(query: string): Promise<TestPush<Row>> {
    const rows = await this.#server.run(query, () => this.#rowStream(query));
    const push = new TestPush<Row>(rows, () => this.#server.settle());
    this.#pushes.add(push as TestPush<unknown>);
    await this.#server.settle();
    return push;
  }

  /** The lines of a PRINT with a LIMIT. */
  async print(statement: string): Promise<string[]> {
    return this.#server.run(statement, async ({ sql }) => {
      const answer = await sql.query(statement, this.#session);
      if (answer.kind !== 'print') throw new TypeError('this is no PRINT');
      const lines: string[] = [];
      for (let some = await answer.lines.next(); some; some = await answer.lines.next()) lines.push(...some);
      return lines;
    });
  }

  /** The records of a stream's or table's topic, by its columns: all committed ones, partition by partition. */
  async records(source: string): Promise<TestRecord[]> {
    const found = this.#source(source);
    return this.#server.run(`records('${source}')`, ({ topics, schemas }) =>
      sourceRecords(topics, found, schemas),
    );
  }

  /** The records of a topic as bytes: all committed ones, partition by partition. */
  async topic(name: string): Promise<RawRecord[]> {
    return this.#server.run(`topic('${name}')`, ({ topics }) => rawRecords(topics, name));
  }

  async createTopic(topic: NewTopic): Promise<void> {
    await this.#server.run(`createTopic('${topic.name}')`, ({ topics }) => topics.create(topic));
  }

  /** The persistent queries, in the order of their creation. */
  queries(): TestQuery[] {
    return [...this.#server.life.sql.persistentQueries()].map((entry) => ({
      id: entry.plan.queryId,
      state: stateOf(entry),
      error: (entry.failure ?? entry.running?.error)?.message,
    }));
  }

  /** What queries had to leave out so far, and why. */
  async processingLog(): Promise<TestLogEntry[]> {
    const topic = processingLogTopic(this.#server.life.serviceId);
    const found = await this.#server.run('processingLog()', async ({ topics }) => {
      const isThere = (await topics.describe([topic])).length > 0;
      return isThere ? rawRecords(topics, topic) : [];
    });
    return found.map(({ value }) => logEntry(String(value)));
  }

  /** Cuts the power, now. Everything rejects with {@link PowerCut} until `restart`. */
  async crash(options: CrashOptions = {}): Promise<void> {
    this.#server.cutPower(options);
    this.#cutOff();
  }

  /**
   * Cuts the power in the middle of the n-th call from now on the file system, the next one being 1. The call of this
   * class that is under way then rejects with {@link PowerCut}; what it asked for may be in force or not.
   */
  crashAtFileCall(callNumber: number, options: CrashOptions = {}): void {
    this.#server.cutPowerAtCall(callNumber, options);
  }

  /** How often the file system was called since the last start: a measure for `crashAtFileCall`. */
  get fileCalls(): number {
    return this.#server.fileCalls;
  }

  /** Starts again on what is left after a power cut; without one, after a clean stop. */
  async restart(): Promise<void> {
    if (this.#server.isPowerCut) this.#cutOff();
    await this.#server.restart();
    this.#pushes.clear();
  }

  /** Ends it; what was in it is gone. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#server.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #cutOff(): void {
    for (const push of this.#pushes) push.fail(new PowerCut('The power went off while the query ran.'));
  }

  async #insert(
    name: string,
    rows: readonly TestRow[],
    how: InsertOptions & { readonly timestampMs: number; readonly isTombstone?: boolean },
  ): Promise<void> {
    const source = this.#source(name);
    const columns = [...source.schema.key, ...source.schema.value];
    for (const given of rows) {
      const row = sqlRow(given, columns, source.name);
      await this.#server.run(`insert into ${name}`, ({ sql }) =>
        sql.insert(source, row, how.timestampMs, how),
      );
    }
    await this.#server.settle();
  }

  async #produce(topic: string, records: readonly ProducedRecord[], timestampMs: number): Promise<void> {
    await this.#server.run(`produce to ${topic}`, ({ topics }) =>
      appendRecords(topics, topic, records, timestampMs),
    );
    await this.#server.settle();
  }

  async #rowStream(text: string): Promise<RowStream> {
    const answer = await this.#server.life.sql.query(text, this.#session);
    if (answer.kind === 'print') {
      answer.lines.close();
      throw new TypeError('PRINT has lines, not rows: ask for print(...)');
    }
    return answer.rows;
  }

  #source(name: string): Source {
    return this.#server.life.sql.insertTarget(name);
  }

  #find(name: string): Source | undefined {
    const wanted = [name, name.toUpperCase()];
    const found = this.#server.life.sql.sources().find((source) => wanted.includes(source.name));
    if (!found) throw new RangeError(`There is no stream or table ${name}.`);
    return this.#source(found.name);
  }
}

function momentMs(time: Moment): number {
  if (typeof time === 'string') return parseTimestamp(time);
  return typeof time === 'number' ? time : time.getTime();
}

function lifeOptions(options: TestMillraceOptions) {
  const { seed = 1, serviceId = 'default_', logger = silentLogger, properties, brokerConfig = {} } = options;
  const disk = { memoryBytes: 0, folder: '/spill', openDisk: () => new MemoryDiskMap() };
  return {
    logger,
    seed,
    serviceId,
    properties: { ...DEFAULTS, ...properties },
    brokerConfig,
    spill: options.spills ? disk : undefined,
    connect: options.connect,
  };
}
