// The queries of Nexmark from log to log, each result compared with DuckDB's, some of them beside Flink SQL.
import { type Bench, say } from '../support/bench.ts';
import { type Millrace, startKafka, startMillrace } from '../support/brokers.ts';
import { classpathOf, jarVersion } from '../support/java.ts';
import { caughtUp, pullTable, statement } from '../support/ksql.ts';
import { watchUsage } from '../support/machine.ts';
import type { BenchOptions } from '../support/options.ts';
import { type ResultRow, type RowSpec, resultRow } from '../support/results.ts';
import type { Measured } from '../support/statistics.ts';
import { COMMIT_MS } from '../support/stream-rivals.ts';
import { type FlinkJob, type FlinkRound, runFlink } from './flink.ts';
import { FLINK_QUERIES } from './flink-queries.ts';
import { load } from './load.ts';
import { NEXMARK_QUERIES } from './queries.ts';
import { DECLARATIONS, dropOf, type NexmarkQuery, NOT_EXPRESSIBLE, topicsOf } from './query.ts';
import { comparable, openReference, type Reference, type Table } from './reference.ts';

/** A JVM starts for each: a quick run shows one. */
const QUICK_RIVALS = ['q17'];
/** All the queries together end within eight minutes then; those asked for by name have as many as any benchmark. */
const ALL_ROUNDS = { rounds: 3, rivalRounds: 1, boundSeconds: 20 };
const FLINK = `Flink SQL ${jarVersion('flink', 'flink-clients')}`;

export const nexmark: Bench = async (given) => {
  const { queries, options } = chosen(given);
  // They take more work each than those of the other pipelines.
  const events = Math.ceil(options.events / 4);
  const server = await startMillrace();
  const hasRival = classpathOf('flink') !== undefined && queries.some((query) => isCompared(query, options));
  const kafka = hasRival && classpathOf('kafka') !== undefined ? await startKafka() : undefined;
  const reference = await openReference(events);
  try {
    say(`loading ${events} events`);
    const counts = await load(kafka ? [server, kafka] : [server], events);
    const { boundSeconds } = options;
    const flink = kafka && { kafka, events, boundSeconds, counts };
    await statement(server, DECLARATIONS);
    const rows: ResultRow[] = [];
    for (const query of queries)
      rows.push(await new QueryRun(query, events, options, reference).measure(server, flink));
    return given.queries === undefined ? [...rows, ...notExpressible(events)] : rows;
  } finally {
    reference.close();
    await kafka?.stop();
    await server.stop();
  }
};

function chosen(given: BenchOptions): {
  readonly queries: readonly NexmarkQuery[];
  readonly options: BenchOptions;
} {
  const { queries: names } = given;
  if (names === undefined) {
    const most = (of: keyof typeof ALL_ROUNDS) => Math.min(given[of], ALL_ROUNDS[of]);
    const options = {
      ...given,
      rounds: most('rounds'),
      rivalRounds: most('rivalRounds'),
      boundSeconds: most('boundSeconds'),
    };
    return { queries: NEXMARK_QUERIES, options };
  }
  const unknown = names.filter((name) => !NEXMARK_QUERIES.some((query) => query.name === name));
  if (unknown.length > 0)
    throw new Error(
      `no query ${unknown.join(', ')}; there are ${NEXMARK_QUERIES.map(({ name }) => name).join(', ')}`,
    );
  return { queries: NEXMARK_QUERIES.filter(({ name }) => names.includes(name)), options: given };
}

function isCompared({ name }: NexmarkQuery, { effort }: BenchOptions): boolean {
  return name in FLINK_QUERIES && (effort !== 'quick' || QUICK_RIVALS.includes(name));
}

/** One query: rounds of ours and of Flink's in turn. What fails of Flink is said in the row, the others go on. */
class QueryRun {
  readonly #query: NexmarkQuery;
  readonly #events: number;
  readonly #options: BenchOptions;
  readonly #reference: Reference;
  /** Flink's answers are often to be the same as ours. */
  readonly #expected = new Map<string, Promise<string[]>>();
  readonly #ours: Measured[] = [];
  readonly #rival: Omit<FlinkRound, 'written'>[] = [];
  #failure: string | undefined;

  constructor(query: NexmarkQuery, events: number, options: BenchOptions, reference: Reference) {
    this.#query = query;
    this.#events = events;
    this.#options = options;
    this.#reference = reference;
  }

  async measure(server: Millrace, flink: FlinkJob | undefined): Promise<ResultRow> {
    const { name } = this.#query;
    const { rounds, rivalRounds } = this.#options;
    for (let round = 1; round <= rounds; round++) {
      say(`${name}, round ${round} of ${rounds}`);
      this.#ours.push(await this.#oursRound(server, round === rounds));
      if (
        flink &&
        isCompared(this.#query, this.#options) &&
        round <= rivalRounds &&
        this.#failure === undefined
      )
        await this.#flinkRound(flink).catch((error: Error) => {
          this.#failure = `${name}: ${error.message}`;
        });
    }
    return this.#row();
  }

  /** From the statements until everything is committed; people, auctions and bids all count, as in the public benchmark. */
  async #oursRound(server: Millrace, checks: boolean): Promise<Measured> {
    const query = this.#query;
    const usage = watchUsage(server.pid);
    const begun = performance.now();
    const started: { readonly id: string; readonly sql: string }[] = [];
    const finish = async () => {
      for (const { id, sql } of started.splice(0))
        for (const topic of topicsOf(query, sql)) await caughtUp(server, [id], topic);
    };
    for (const sql of query.statements) {
      const id = await statement(server, sql);
      if (id !== '') started.push({ id, sql });
      if (query.inTurn) await finish();
    }
    await finish();
    const seconds = (performance.now() - begun) / 1000;
    const measured = {
      value: this.#events / seconds,
      work: this.#events,
      processes: { server: usage() },
    };
    if (checks)
      await this.#check('Millrace', await pullTable(server, `SELECT * FROM ${query.name};`), query.reference);
    for (const sql of query.statements.toReversed()) await statement(server, dropOf(sql));
    return measured;
  }

  async #flinkRound(flink: FlinkJob): Promise<void> {
    const query = FLINK_QUERIES[this.#query.name];
    if (query === undefined) return;
    const { written, ...measured } = await runFlink(this.#query.name, query, flink, this.#rival.length === 0);
    if (written !== undefined) await this.#check(FLINK, written, query.reference ?? this.#query.reference);
    this.#rival.push(measured);
  }

  async #check(whose: string, table: Table, sql: string): Promise<void> {
    const asked = this.#expected.get(sql) ?? this.#reference.answer(sql);
    this.#expected.set(sql, asked);
    const expected = await asked;
    const found = comparable(table);
    const what = `${this.#query.name} of ${whose}`;
    if (found.length !== expected.length)
      throw new Error(`${what} has ${found.length - 1} rows, DuckDB's ${expected.length - 1}`);
    const at = found.findIndex((line, index) => line !== expected[index]);
    if (at >= 0) throw new Error(`${what} is not what DuckDB says: ${found[at]} for ${expected[at]}`);
  }

  #row(): ResultRow {
    const { name, title, note } = this.#query;
    const rounds = this.#rival;
    const compared = rounds.length > 0 && {
      'rival cut off after s': this.#options.boundSeconds,
      'rival complete': rounds.every(({ complete }) => complete),
    };
    return resultRow({
      ...rowOf(`${name}, ${title}`, this.#events),
      settings: { ...settingsOf(this.#events), ...compared, ...(note && { [name]: note }) },
      ours: this.#ours,
      ...(rounds.length > 0 && { rival: { name: FLINK, rounds } }),
      skipped: this.#failure,
    });
  }
}

function settingsOf(events: number) {
  return {
    ...{ events, partitions: 1, guarantee: 'exactly_once_v2', 'commit interval ms': COMMIT_MS },
    'compared with': 'DuckDB',
  };
}

function rowOf(name: string, events: number): RowSpec {
  return {
    ...{ bench: 'nexmark', name, unit: 'events/s', better: 'higher' },
    settings: settingsOf(events),
    ours: [],
  };
}

function notExpressible(events: number): ResultRow[] {
  return NOT_EXPRESSIBLE.map(({ name, why }) => resultRow({ ...rowOf(name, events), skipped: why }));
}
