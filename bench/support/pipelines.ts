import type { Broker, Millrace } from './brokers.ts';
import { type EventKind, type EventSet, eventArguments, load, WITHIN_SECONDS } from './events.ts';
import { runJava } from './java.ts';
import { caughtUp, statement } from './ksql.ts';
import { watchUsage } from './machine.ts';
import type { Guarantee } from './options.ts';
import type { Measured } from './statistics.ts';
import type { PipelineName } from './stream-rivals.ts';

/** A topic that queries read: what the loader writes to it, and what it is in our SQL. */
interface Source {
  readonly topic: string;
  readonly kind: EventKind;
  readonly declaration: string;
}

/** A query from log to log, in our SQL. bench/java has the same for the rivals. */
interface Pipeline {
  readonly name: PipelineName;
  readonly sources: readonly Source[];
  /** Of the sink and its topic. */
  readonly sink: string;
  readonly kind: 'STREAM' | 'TABLE';
  readonly select: string;
}

const GAMES: Source = {
  topic: 'USER_GAME',
  kind: 'games',
  declaration: 'STREAM USER_GAME (USER VARCHAR, GAME STRUCT<SCORE INT, LIVES INT, LEVEL INT>)',
};
const LOSSES_OF_PLAYERS: Source = {
  topic: 'LOSSES_PER_USER',
  kind: 'losses',
  declaration: 'TABLE LOSSES_PER_USER (USER VARCHAR PRIMARY KEY, TOTAL_LOSSES BIGINT)',
};
const PLAYS: Source = {
  topic: 'PLAYS',
  kind: 'plays',
  declaration: 'STREAM PLAYS (USER VARCHAR KEY, SCORE INT, LEVEL INT)',
};
const REWARDS: Source = {
  topic: 'REWARDS',
  kind: 'rewards',
  declaration: 'STREAM REWARDS (USER VARCHAR KEY, POINTS INT)',
};

const LOSSES = 'CASE WHEN LPU.TOTAL_LOSSES IS NULL THEN CAST(0 AS BIGINT) ELSE LPU.TOTAL_LOSSES END';

export const PIPELINES: Readonly<Record<PipelineName, Pipeline>> = {
  filter: {
    name: 'filter',
    sources: [GAMES],
    sink: 'FILTERED',
    kind: 'STREAM',
    select:
      'SELECT USER, GAME->SCORE AS SCORE, GAME->LEVEL AS LEVEL FROM USER_GAME WHERE GAME->SCORE > 25000',
  },
  scoreboard: {
    name: 'scoreboard',
    sources: [LOSSES_OF_PLAYERS, GAMES],
    sink: 'STATS_PER_USER',
    kind: 'TABLE',
    select: `SELECT UG.USER AS USER, MAX(UG.GAME->SCORE) AS HIGHEST_SCORE, MAX(UG.GAME->LEVEL) AS HIGHEST_LEVEL, MAX(${LOSSES}) AS TOTAL_LOSSES FROM USER_GAME UG LEFT JOIN LOSSES_PER_USER LPU ON UG.USER = LPU.USER GROUP BY UG.USER`,
  },
  window: {
    name: 'window',
    sources: [GAMES],
    sink: 'WINDOWED',
    kind: 'TABLE',
    select: 'SELECT USER, COUNT(*) AS N FROM USER_GAME WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY USER',
  },
  join: {
    name: 'join',
    sources: [LOSSES_OF_PLAYERS, GAMES],
    sink: 'JOINED',
    kind: 'STREAM',
    select:
      'SELECT UG.USER AS USER, UG.GAME->SCORE AS SCORE, LPU.TOTAL_LOSSES AS LOSSES FROM USER_GAME UG JOIN LOSSES_PER_USER LPU ON UG.USER = LPU.USER',
  },
  'stream-join': {
    name: 'stream-join',
    sources: [PLAYS, REWARDS],
    sink: 'REWARDED',
    kind: 'STREAM',
    select: `SELECT P.USER AS USER, P.SCORE AS SCORE, R.POINTS AS POINTS FROM PLAYS P JOIN REWARDS R WITHIN ${WITHIN_SECONDS} SECONDS GRACE PERIOD ${WITHIN_SECONDS} SECONDS ON P.USER = R.USER`,
  },
};

/** The source topics with their contents, on any broker. */
export async function loadSources(
  broker: Broker,
  set: EventSet,
  { sources }: Pick<Pipeline, 'sources'> = PIPELINES.scoreboard,
): Promise<void> {
  for (const { topic, kind } of sources) await load(broker, set, { topic, kind });
}

export async function declareSources(
  server: Millrace,
  { sources }: Pick<Pipeline, 'sources'> = PIPELINES.scoreboard,
): Promise<void> {
  const declared = sources.map(
    ({ declaration, topic }) => `CREATE ${declaration} WITH (KAFKA_TOPIC='${topic}', VALUE_FORMAT='JSON');`,
  );
  await statement(server, declared.join('\n'));
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
  for (const { topic } of pipeline.sources) await caughtUp(server, [id], topic);
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
