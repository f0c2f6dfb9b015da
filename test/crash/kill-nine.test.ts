// The promise of the scoreboard: whatever was acknowledged before a kill -9 is there afterwards, and the tables are
// what a fold over the topics gives, as if nothing had happened.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { afterTest } from '../support/after-test.ts';
import { hasCommand, runProgram } from '../support/foreign.ts';
import { eventually, type ServerProcess, startServer, temporaryFolder } from '../support/server.ts';

const PLAYERS = 8;
const KILLS = 5;
const STATEMENTS = [
  `CREATE STREAM USER_GAME (USER VARCHAR, GAME STRUCT<SCORE INT, LIVES INT, LEVEL INT>) WITH (KAFKA_TOPIC='USER_GAME', VALUE_FORMAT='JSON', PARTITIONS=6);`,
  `CREATE STREAM USER_LOSSES (USER VARCHAR) WITH (KAFKA_TOPIC='USER_LOSSES', VALUE_FORMAT='JSON', PARTITIONS=6);`,
  'CREATE TABLE LOSSES_PER_USER AS SELECT USER AS USER, COUNT(USER) AS TOTAL_LOSSES FROM USER_LOSSES GROUP BY USER;',
  `CREATE TABLE STATS_PER_USER AS SELECT UG.USER AS USER, MAX(UG.GAME->SCORE) AS HIGHEST_SCORE, MAX(UG.GAME->LEVEL) AS HIGHEST_LEVEL,
     MAX(CASE WHEN LPU.TOTAL_LOSSES IS NULL THEN CAST(0 AS BIGINT) ELSE LPU.TOTAL_LOSSES END) AS TOTAL_LOSSES
     FROM USER_GAME UG LEFT JOIN LOSSES_PER_USER LPU ON UG.USER = LPU.USER GROUP BY UG.USER;`,
  `CREATE TABLE SUMMARY_STATS AS SELECT 'SUMMARY_KEY' AS SUMMARY_KEY, MAX(GAME->SCORE) AS HIGHEST_SCORE_VALUE, COLLECT_SET(USER) AS USERS_SET_VALUE
     FROM USER_GAME GROUP BY 'SUMMARY_KEY';`,
];

async function statement(http: string, ksql: string): Promise<void> {
  const response = await fetch(`${http}/ksql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/vnd.ksql.v1+json; charset=utf-8' },
    body: JSON.stringify({
      ksql,
      streamsProperties: {
        'ksql.streams.auto.offset.reset': 'earliest',
        'ksql.streams.cache.max.bytes.buffering': '0',
      },
    }),
  });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
}

type Row = (string | number | null)[];

async function pull(http: string, sql: string): Promise<Row[]> {
  const response = await fetch(`${http}/query-stream`, {
    method: 'POST',
    headers: { Accept: 'application/json', 'Content-Type': 'application/vnd.ksql.v1+json' },
    body: JSON.stringify({ sql }),
  });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  const [, ...rows] = (await response.json()) as [unknown, ...Row[]];
  return rows;
}

/** One player: plays and loses for ever; keeps what the server acknowledged. */
class Player {
  readonly name: string;
  readonly ackedScores: number[] = [];
  ackedLosses = 0;
  /** Sent, answer never seen: may or may not be in the log. */
  readonly unknownScores: number[] = [];
  unknownLosses = 0;
  #score = 0;

  constructor(name: string) {
    this.name = name;
  }

  async play(http: string, stopped: () => boolean): Promise<void> {
    while (!stopped()) {
      const score = ++this.#score;
      try {
        const game = `STRUCT(SCORE:=${score},LIVES:=3,LEVEL:=${1 + (score >> 6)})`;
        await statement(http, `INSERT INTO USER_GAME (USER, GAME) VALUES ('${this.name}', ${game});`);
        this.ackedScores.push(score);
      } catch {
        this.unknownScores.push(score);
        return;
      }
      if (score % 5 !== 0) continue;
      try {
        await statement(http, `INSERT INTO USER_LOSSES (USER) VALUES ('${this.name}');`);
        this.ackedLosses++;
      } catch {
        this.unknownLosses++;
        return;
      }
    }
  }
}

interface TopicRecord {
  readonly key: string;
  readonly value: Record<string, unknown>;
}

/** All committed records of a topic, partition by partition in offset order, as librdkafka sees them. */
async function readAll(kafka: string, topic: string): Promise<TopicRecord[]> {
  const committed = ['-X', 'isolation.level=read_committed'];
  const args = ['-b', kafka, '-C', '-t', topic, '-e', '-q', ...committed, '-f', '%p %o %k\t%s\n'];
  const { code, stdout, stderr } = await runProgram('kcat', args);
  assert.equal(code, 0, stderr);
  const lines = stdout.split('\n').filter((line) => line !== '');
  const records = lines.map((line) => {
    const [, partition, offset, key, value] = line.match(/^(\d+) (\d+) (.*)\t(.*)$/) as RegExpMatchArray;
    return {
      partition: Number(partition),
      offset: Number(offset),
      key: key as string,
      value: JSON.parse(value as string),
    };
  });
  return records.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
}

const skip = hasCommand('kcat') ? false : 'kcat is not installed';

it('kill -9 in mid-game loses nothing and the tables equal a fold of the topics', {
  skip,
  timeout: 240_000,
}, async (t) => {
  const data = await temporaryFolder(t);
  let server: ServerProcess = await startServer({ data });
  for (const sql of STATEMENTS) await statement(server.http, sql);
  const players = Array.from({ length: PLAYERS }, (_, n) => new Player(`player${n}`));

  for (let kill = 0; kill < KILLS; kill++) {
    let stopped = false;
    const games = players.map((player) => player.play(server.http, () => stopped));
    await new Promise((resolve) => setTimeout(resolve, 700 + 350 * kill));
    await server.kill();
    stopped = true;
    await Promise.all(games);
    server = await startServer({ data });
  }
  afterTest(t, () => server.stop());
  // A last event each brings TOTAL_LOSSES up to date: only a game event moves it. The read before waits until the join
  // knows all losses so far; without it an event may overtake them.
  await pull(server.http, 'SELECT USER FROM STATS_PER_USER;');
  for (const { name } of players) {
    await statement(
      server.http,
      `INSERT INTO USER_GAME (USER, GAME) VALUES ('${name}', STRUCT(SCORE:=0,LIVES:=0,LEVEL:=0));`,
    );
  }

  const games = await readAll(server.kafka, 'USER_GAME');
  const losses = await readAll(server.kafka, 'USER_LOSSES');
  const scoresOf = (name: string) =>
    games
      .filter(({ value }) => value.USER === name)
      .map(({ value }) => (value.GAME as { SCORE: number }).SCORE);

  for (const player of players) {
    const scores = scoresOf(player.name).filter((score) => score !== 0);
    assert.equal(new Set(scores).size, scores.length, `${player.name}: an event is in the log twice`);
    const lost = player.ackedScores.filter((score) => !scores.includes(score));
    assert.deepEqual(lost, [], `${player.name}: acknowledged events are gone`);
    const invented = scores.filter(
      (score) => !player.ackedScores.includes(score) && !player.unknownScores.includes(score),
    );
    assert.deepEqual(invented, [], `${player.name}: events nobody sent`);
    const count = losses.filter(({ value }) => value.USER === player.name).length;
    assert.ok(
      count >= player.ackedLosses && count <= player.ackedLosses + player.unknownLosses,
      `${player.name}: ${count} losses`,
    );
  }

  const expected = players.map(({ name }) => {
    const own = games
      .filter(({ value }) => value.USER === name)
      .map(({ value }) => value.GAME as { SCORE: number; LEVEL: number });
    const total = losses.filter(({ value }) => value.USER === name).length;
    return [
      name,
      Math.max(...own.map((game) => game.SCORE)),
      Math.max(...own.map((game) => game.LEVEL)),
      total,
    ];
  });
  const names = players.map(({ name }) => `'${name}'`).join(',');
  const stats = await eventually('the table to catch up', async () => {
    const rows = await pull(
      server.http,
      `SELECT USER, HIGHEST_SCORE, HIGHEST_LEVEL, TOTAL_LOSSES FROM STATS_PER_USER WHERE USER IN (${names});`,
    );
    return JSON.stringify(rows.sort()) === JSON.stringify(expected.sort()) ? rows : undefined;
  }).catch(async () =>
    pull(
      server.http,
      `SELECT USER, HIGHEST_SCORE, HIGHEST_LEVEL, TOTAL_LOSSES FROM STATS_PER_USER WHERE USER IN (${names});`,
    ),
  );
  assert.deepEqual(stats.sort(), expected.sort());

  const [summary] = await pull(
    server.http,
    `SELECT HIGHEST_SCORE_VALUE, USERS_SET_VALUE FROM SUMMARY_STATS WHERE SUMMARY_KEY='SUMMARY_KEY';`,
  );
  assert.equal(summary?.[0], Math.max(...expected.map((row) => row[1] as number)));
  assert.deepEqual(
    [...((summary?.[1] ?? []) as unknown as string[])].sort(),
    players.map(({ name }) => name).sort(),
  );

  // Exactly once, seen from outside: the committed counts of each player are 1, 2, 3 ... without gap or repetition.
  const counts = await readAll(server.kafka, 'LOSSES_PER_USER');
  for (const { name } of players) {
    const own = counts.filter(({ key }) => key === name).map(({ value }) => value.TOTAL_LOSSES);
    assert.deepEqual(
      own,
      Array.from({ length: own.length }, (_, n) => n + 1),
      `${name}: counts in the sink topic`,
    );
  }
  t.diagnostic(`${games.length} game events and ${losses.length} losses through ${KILLS} kills`);
});
