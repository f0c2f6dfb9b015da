// The queries of Nexmark from log to log, each result compared with DuckDB's, some of them beside Flink SQL.
import { type Bench, say } from '../support/bench.ts';
import { type Millrace, startKafka, startMillrace } from '../support/brokers.ts';
import { classpathOf, jarVersion } from '../support/java.ts';
import { caughtUp, pullObjects, statement } from '../support/ksql.ts';
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
import { comparable, openReference, type Reference } from './reference.ts';

/** A JVM starts for each: a quick run shows one. */
const QUICK_RIVALS = ['q17'];
const FLINK = `Flink SQL ${jarVersion('flink', 'flink-clients')}`;

export const nexmark: Bench = async (options) => {
  // They take more work each than those of the other pipelines.
  const events = Math.ceil(options.events / 4);
  const server = await startMillrace();
  const hasRival = classpathOf('flink') !== undefined && classpathOf('kafka') !== undefined;
  const kafka = hasRival ? await startKafka() : undefined;
  const reference = await openReference(events);
  try {
    say(`loading ${events} events`);
    await load(server, events);
    const { boundSeconds } = options;
    const flink = kafka && { kafka, events, boundSeconds, counts: await load(kafka, events) };
    await statement(server, DECLARATIONS);
    const rows: ResultRow[] = [];
    for (const query of NEXMARK_QUERIES)
      rows.push(await new QueryRun(query, events, options, reference).measure(server, flink));
    return [...rows, ...notExpressible(events)];
  } finally {
    reference.close();
    await kafka?.stop();
    await server.stop();
  }
};

/** One query: rounds of ours and of Flink's in turn. What fails of Flink is said in the row, the others go on. */
class QueryRun {
  readonly #query: NexmarkQuery;
  readonly #events: number;
  readonly #options: BenchOptions;
  readonly #reference: Reference;
  readonly #ours: Measured[] = [];
  readonly #rival: Omit<FlinkRound, 'rows'>[] = [];
  #failure: string | undefined;

  constructor(query: NexmarkQuery, events: number, options: BenchOptions, reference: Reference) {
    this.#query = query;
    this.#events = events;
    this.#options = options;
    this.#reference = reference;
  }

  async measure(server: Millrace, flink: FlinkJob | undefined): Promise<ResultRow> {
    const { name } = this.#query;
    const { effort, rounds, rivalRounds } = this.#options;
    const isCompared = effort !== 'quick' || QUICK_RIVALS.includes(name);
    for (let round = 1; round <= rounds; round++) {
      say(`${name}, round ${round} of ${rounds}`);
      this.#ours.push(await this.#oursRound(server, round === rounds));
      if (flink && isCompared && round <= rivalRounds && this.#failure === undefined)
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
    for (const sql of query.statements) {
      const id = await statement(server, sql);
      if (id !== '') for (const topic of topicsOf(query, sql)) await caughtUp(server, [id], topic);
    }
    const seconds = (performance.now() - begun) / 1000;
    const measured = {
      value: this.#events / seconds,
      work: this.#events,
      processes: { server: usage() },
    };
    if (checks) {
      const found = comparable(await pullObjects(server, `SELECT * FROM ${query.name};`));
      await this.#check('Millrace', found, query.reference);
    }
    for (const sql of query.statements.toReversed()) await statement(server, dropOf(sql));
    return measured;
  }

  async #flinkRound(flink: FlinkJob): Promise<void> {
    const query = FLINK_QUERIES[this.#query.name];
    if (query === undefined) return;
    const { rows, ...measured } = await runFlink(this.#query.name, query, flink, this.#rival.length === 0);
    if (rows !== undefined) await this.#check(FLINK, rows, query.reference ?? this.#query.reference);
    this.#rival.push(measured);
  }

  async #check(whose: string, found: readonly string[], sql: string): Promise<void> {
    const expected = await this.#reference.rows(sql);
    const what = `${this.#query.name} of ${whose}`;
    if (found.length !== expected.length)
      throw new Error(`${what} has ${found.length} rows, DuckDB's ${expected.length}`);
    const at = found.findIndex((row, index) => row !== expected[index]);
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
