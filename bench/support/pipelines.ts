import type { Broker, Millrace } from './brokers.ts';
import { type EventSet, eventArguments, load } from './events.ts';
import { runJava } from './java.ts';
import { caughtUp, statement } from './ksql.ts';
import { watchUsage } from './machine.ts';
import type { Guarantee } from './options.ts';
import type { Measured } from './statistics.ts';
import type { PipelineName } from './stream-rivals.ts';

/** A query from log to log, in our SQL. bench/java has the same for the rivals. */
interface Pipeline {
  readonly name: PipelineName;
  /** Of the sink and its topic. */
  readonly sink: string;
  readonly kind: 'STREAM' | 'TABLE';
  readonly select: string;
}

const LOSSES = 'CASE WHEN LPU.TOTAL_LOSSES IS NULL THEN CAST(0 AS BIGINT) ELSE LPU.TOTAL_LOSSES END';

export const PIPELINES: Readonly<Record<PipelineName, Pipeline>> = {
  filter: {
    name: 'filter',
    sink: 'FILTERED',
    kind: 'STREAM',
    select:
      'SELECT USER, GAME->SCORE AS SCORE, GAME->LEVEL AS LEVEL FROM USER_GAME WHERE GAME->SCORE > 25000',
  },
  scoreboard: {
    name: 'scoreboard',
    sink: 'STATS_PER_USER',
    kind: 'TABLE',
    select: `SELECT UG.USER AS USER, MAX(UG.GAME->SCORE) AS HIGHEST_SCORE, MAX(UG.GAME->LEVEL) AS HIGHEST_LEVEL, MAX(${LOSSES}) AS TOTAL_LOSSES FROM USER_GAME UG LEFT JOIN LOSSES_PER_USER LPU ON UG.USER = LPU.USER GROUP BY UG.USER`,
  },
  window: {
    name: 'window',
    sink: 'WINDOWED',
    kind: 'TABLE',
    select: 'SELECT USER, COUNT(*) AS N FROM USER_GAME WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY USER',
  },
  join: {
    name: 'join',
    sink: 'JOINED',
    kind: 'STREAM',
    select:
      'SELECT UG.USER AS USER, UG.GAME->SCORE AS SCORE, LPU.TOTAL_LOSSES AS LOSSES FROM USER_GAME UG JOIN LOSSES_PER_USER LPU ON UG.USER = LPU.USER',
  },
};

/** Both source topics with their contents, on any broker. */
export async function loadSources(broker: Broker, set: EventSet): Promise<void> {
  await load(broker, set, { topic: 'LOSSES_PER_USER', kind: 'losses' });
  await load(broker, set, { topic: 'USER_GAME', kind: 'games' });
}

export async function declareSources(server: Millrace): Promise<void> {
  await statement(
    server,
    `CREATE STREAM USER_GAME (USER VARCHAR, GAME STRUCT<SCORE INT, LIVES INT, LEVEL INT>) WITH (KAFKA_TOPIC='USER_GAME', VALUE_FORMAT='JSON');
     CREATE TABLE LOSSES_PER_USER (USER VARCHAR PRIMARY KEY, TOTAL_LOSSES BIGINT) WITH (KAFKA_TOPIC='LOSSES_PER_USER', VALUE_FORMAT='JSON');`,
  );
}

/** Starts the query over what the topics hold. */
export async function startPipeline(
  server: Millrace,
  { kind, sink, select }: Pipeline,
  options: { readonly merges: boolean; readonly guarantee: Guarantee },
): Promise<string> {
  return statement(server, `CREATE ${kind} ${sink} AS ${select};`, {
    'processing.guarantee': options.guarantee,
    ...(options.merges ? {} : { 'cache.max.bytes.buffering': '0' }),
  });
}

export async function dropPipeline(server: Millrace, { kind, sink }: Pipeline): Promise<void> {
  await statement(server, `DROP ${kind} ${sink} DELETE TOPIC;`);
}

/** From the statement until everything is committed. The sink is there until `dropPipeline`. */
export async function runOurs(
  server: Millrace,
  pipeline: Pipeline,
  set: EventSet,
  options: { readonly merges: boolean; readonly guarantee: Guarantee },
): Promise<Measured> {
  const usage = watchUsage(server.pid);
  const begun = performance.now();
  const id = await startPipeline(server, pipeline, options);
  await caughtUp(server, [id], 'USER_GAME');
  const seconds = (performance.now() - begun) / 1000;
  return { value: set.events / seconds, work: set.events, processes: { server: usage() } };
}

/** Throws when the topic does not hold what a plain loop over the events gives. */
export async function check(
  broker: Broker,
  pipeline: PipelineName,
  set: EventSet,
  topic: string,
  windowIn: 'key' | 'value' = 'key',
): Promise<void> {
  await runJava(
    'Check',
    { ...eventArguments(set), pipeline, topic, windowIn, bootstrap: broker.bootstrap },
    { timeoutMs: 600_000, heapMb: 6_144 },
  );
}
