// Events per second of the talk's pipeline (left join with the losses, group by player, three maxima), from log to log,
// exactly once, and whether its table equals a fold computed without it.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { java } from '../test/support/foreign.ts';
import { type Broker, startMillrace } from './support/brokers.ts';
import { median, sleep, spread, usageOf } from './support/machine.ts';

const PLAYERS = 10_000;
const STATS = `CREATE TABLE STATS_PER_USER AS SELECT UG.USER AS USER, MAX(UG.GAME->SCORE) AS HIGHEST_SCORE, MAX(UG.GAME->LEVEL) AS HIGHEST_LEVEL,
  MAX(CASE WHEN LPU.TOTAL_LOSSES IS NULL THEN CAST(0 AS BIGINT) ELSE LPU.TOTAL_LOSSES END) AS TOTAL_LOSSES
  FROM USER_GAME UG LEFT JOIN LOSSES_PER_USER LPU ON UG.USER = LPU.USER GROUP BY UG.USER;`;

interface Overview {
  readonly topics: { name: string; partitions: { partition: number; highWatermark: number }[] }[];
  readonly queries: { id: string; positions: { topic: string; partition: number; offset: number }[] }[];
}

async function statement(broker: Broker, ksql: string, cacheBytes: number): Promise<string> {
  const streamsProperties = {
    'auto.offset.reset': 'earliest',
    'cache.max.bytes.buffering': String(cacheBytes),
  };
  const response = await fetch(`${broker.http}/ksql`, {
    method: 'POST',
    body: JSON.stringify({ ksql, streamsProperties }),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(text);
  const entities = JSON.parse(text) as { commandStatus?: { queryId?: string | null } }[];
  return entities.at(-1)?.commandStatus?.queryId ?? '';
}

async function pull(broker: Broker, sql: string): Promise<unknown[][]> {
  const response = await fetch(`${broker.http}/query-stream`, {
    method: 'POST',
    headers: { Accept: 'application/json' },
    body: JSON.stringify({ sql }),
  });
  const [, ...rows] = (await response.json()) as [unknown, ...unknown[][]];
  return rows;
}

/** Resolves when the query has committed everything its sources held. */
async function caughtUp(broker: Broker, queryId: string, topics: readonly string[]): Promise<void> {
  for (;;) {
    const overview = (await (await fetch(`${broker.http}/api/overview`)).json()) as Overview;
    const positions = overview.queries.find(({ id }) => id === queryId)?.positions ?? [];
    const ends = overview.topics
      .filter(({ name }) => topics.includes(name))
      .flatMap(({ name, partitions }) => partitions.map((p) => ({ ...p, topic: name })));
    const behind = ends.filter(
      ({ topic, partition, highWatermark }) =>
        (positions.find((p) => p.topic === topic && p.partition === partition)?.offset ?? 0) < highWatermark,
    );
    if (behind.length === 0) return;
    await sleep(50);
  }
}

async function fill(broker: Broker, topic: string, lines: readonly string[], records: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-payload-'));
  const file = join(folder, 'payload.json');
  writeFileSync(file, lines.join('\n'));
  const { code, stderr } = await java(
    'org.apache.kafka.tools.ProducerPerformance',
    [
      ...['--topic', topic, '--num-records', `${records}`, '--payload-file', file, '--throughput', '-1'],
      ...[
        '--producer-props',
        `bootstrap.servers=${broker.bootstrap}`,
        'acks=all',
        'linger.ms=5',
        'batch.size=262144',
      ],
    ],
    { timeoutMs: 300_000 },
  );
  rmSync(folder, { recursive: true });
  if (code !== 0) throw new Error(stderr);
}

/** Highest score and level of each player, folded from the topic by a plain loop over what kcat prints. */
async function fold(broker: Broker): Promise<Map<string, { score: number; level: number }>> {
  const players = new Map<string, { score: number; level: number }>();
  const kcat = spawn('kcat', ['-b', broker.bootstrap, '-C', '-t', 'USER_GAME', '-e', '-q']);
  for await (const line of createInterface({ input: kcat.stdout })) {
    const event = JSON.parse(line) as { USER: string; GAME: { SCORE: number; LEVEL: number } };
    const known = players.get(event.USER) ?? { score: 0, level: 0 };
    players.set(event.USER, {
      score: Math.max(known.score, event.GAME.SCORE),
      level: Math.max(known.level, event.GAME.LEVEL),
    });
  }
  return players;
}

export async function scoreboard(quick: boolean): Promise<void> {
  const events = quick ? 500_000 : 2_000_000;
  const rounds = quick ? 3 : 5;
  const broker = await startMillrace();
  try {
    await statement(
      broker,
      `CREATE STREAM USER_GAME (USER VARCHAR, GAME STRUCT<SCORE INT, LIVES INT, LEVEL INT>) WITH (KAFKA_TOPIC='USER_GAME', VALUE_FORMAT='JSON', PARTITIONS=1);`,
      0,
    );
    await statement(
      broker,
      `CREATE STREAM USER_LOSSES (USER VARCHAR) WITH (KAFKA_TOPIC='USER_LOSSES', VALUE_FORMAT='JSON', PARTITIONS=1);`,
      0,
    );
    const losses = await statement(
      broker,
      'CREATE TABLE LOSSES_PER_USER AS SELECT USER AS USER, COUNT(USER) AS TOTAL_LOSSES FROM USER_LOSSES GROUP BY USER;',
      0,
    );
    const players = Array.from({ length: PLAYERS }, (_, n) => `player${n}`);
    await fill(
      broker,
      'USER_LOSSES',
      players.map((USER) => JSON.stringify({ USER })),
      PLAYERS,
    );
    const games = Array.from({ length: 200_000 }, (_, n) =>
      JSON.stringify({
        USER: players[(n * 7919) % PLAYERS],
        GAME: { SCORE: (n * 31) % 50_000, LIVES: n % 4, LEVEL: 1 + (n % 30) },
      }),
    );
    await fill(broker, 'USER_GAME', games, events);
    await caughtUp(broker, losses, ['USER_LOSSES']);

    const modes = [
      { label: 'every update written', cacheBytes: 0 },
      { label: 'updates of a key within a commit merged (the default)', cacheBytes: 10_000_000 },
    ];
    console.log(
      `\nscoreboard, ${events} events, ${PLAYERS} players, one partition, exactly once, ${rounds} rounds`,
    );
    for (const { label, cacheBytes } of modes) {
      const rates: number[] = [];
      let cpuSeconds = 0;
      for (let round = 0; round < rounds; round++) {
        const cpuBefore = usageOf(broker.pid).cpuSeconds;
        const begun = performance.now();
        const id = await statement(broker, STATS, cacheBytes);
        await caughtUp(broker, id, ['USER_GAME']);
        rates.push(events / ((performance.now() - begun) / 1000));
        cpuSeconds = usageOf(broker.pid).cpuSeconds - cpuBefore;
        if (round === rounds - 1) await verify(broker);
        await statement(broker, 'DROP TABLE STATS_PER_USER DELETE TOPIC;', 0);
      }
      console.log(
        `  millrace  ${spread(rates)} events/s, ${((cpuSeconds / events) * 1e6).toFixed(2)} us CPU an event  [${label}]`,
      );
      console.log(
        `            ${(median(rates) / 37_000).toFixed(1)} x the 37,000 events/s that Kafka Streams 4.1 reached here, exactly once (design document)`,
      );
    }
    console.log(`  millrace  peak memory ${usageOf(broker.pid).peakMb.toFixed(0)} MB`);
  } finally {
    await broker.stop();
  }
}

async function verify(broker: Broker): Promise<void> {
  const expected = await fold(broker);
  const rows = await pull(broker, 'SELECT USER, HIGHEST_SCORE, HIGHEST_LEVEL FROM STATS_PER_USER;');
  const wrong = rows.filter(([user, score, level]) => {
    const own = expected.get(user as string);
    return own?.score !== score || own?.level !== level;
  });
  if (rows.length !== expected.size || wrong.length > 0) {
    throw new Error(
      `the table differs from the fold: ${rows.length} rows for ${expected.size} players, ${wrong.length} wrong`,
    );
  }
}
