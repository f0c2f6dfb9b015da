import assert from 'node:assert/strict';
import { type Logger, silentLogger } from '../../src/base/logger.ts';
import type { MemoryFileSystem } from '../../src/base/memory-fs.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { consume, tableOf } from '../../src/testing/topic-content.ts';
import { type LocalSql, openLocalSql } from './local-sql.ts';

/** What a user was told, and what was asked for without an answer. */
export interface Promised {
  readonly answered: string[];
  /** Asked for and not answered: it holds or it does not, as a whole. */
  asked: string | undefined;
  readonly inserted: string[];
  readonly maybeInserted: Set<string>;
  committedOffset: number;
  askedOffset: number;
  ended: boolean;
}

/** Short, so that a life is not over before its disk has answered. */
const TICK_MS = 10;
const LONGEST_LIFE_MS = 120_000;
const GROUP = 'app';
const PLAYERS = ['ada', 'bob', 'eve'];
const IN_FORCE = {
  topic: 'topic',
  plays:
    "CREATE STREAM PLAYS (PLAYER STRING KEY, N INT) WITH (KAFKA_TOPIC='plays', VALUE_FORMAT='JSON', PARTITIONS=2);",
  totals: 'CREATE TABLE TOTALS AS SELECT PLAYER, COUNT(*) AS PLAYS FROM PLAYS GROUP BY PLAYER;',
  copy: 'CREATE STREAM COPY AS SELECT * FROM PLAYS;',
  seen: 'CREATE TABLE SEEN AS SELECT PLAYER, MAX(N) AS N FROM COPY GROUP BY PLAYER;',
  dropSeen: 'DROP TABLE SEEN DELETE TOPIC;',
  dropCopy: 'DROP STREAM COPY DELETE TOPIC;',
};

function nothingPromised(): Promised {
  return {
    answered: [],
    asked: undefined,
    inserted: [],
    maybeInserted: new Set(),
    committedOffset: 0,
    askedOffset: 0,
    ended: false,
  };
}

/** A short life of a server that ends in a crash or in a clean stop. Never hangs: the crash itself is waited for too. */
export async function live(fs: MemoryFileSystem): Promise<Promised> {
  const promised = nothingPromised();
  const crashed = new Promise<void>((resolve) => {
    const before = fs.onCall;
    fs.onCall = (call) => {
      before?.(call);
      // Fires for the call that crashes too, a moment before.
      setImmediate(() => fs.crashed && resolve());
    };
  });
  const life = script(fs, promised).catch((error: unknown) => {
    if (!fs.crashed) throw error;
  });
  await Promise.race([life, crashed]);
  return promised;
}

/**
 * The same life on a disk that fails once, at its n-th call of this kind. Time goes on by itself, so that whatever
 * waits gets to its time-out; `error` is what the user was told when something could not be done.
 */
export async function liveThrough(
  fs: MemoryFileSystem,
  fault: { readonly operation: 'write' | 'sync'; readonly at: number; readonly code: string },
  logger: Logger,
): Promise<{ readonly promised: Promised; readonly error: Error | undefined; readonly path: string }> {
  const promised = nothingPromised();
  let count = 0;
  let path = '';
  fs.onCall = (call) => {
    if (call.operation !== fault.operation || ++count !== fault.at) return;
    path = call.path;
    fs.failNext(fault.operation, fault.code);
  };
  const clock = new VirtualClock();
  let error: Error | undefined;
  let isOver = false;
  const life = script(fs, promised, clock, logger)
    .catch((reason: Error) => {
      error = reason;
    })
    .finally(() => {
      isOver = true;
    });
  while (!isOver && clock.monotonicMs() < LONGEST_LIFE_MS) await clock.advance(TICK_MS);
  if (!isOver) throw new Error(`nobody was told anything: ${fault.code} at ${fault.operation} of ${path}`);
  await life;
  return { promised, error, path };
}

async function script(
  fs: MemoryFileSystem,
  promised: Promised,
  clock = new VirtualClock(),
  logger = silentLogger,
): Promise<void> {
  const server = await openLocalSql({ fs, clock, logger });
  const { topics } = server;
  const state = async (text: string, work: () => Promise<unknown>) => {
    promised.asked = text;
    await work();
    promised.answered.push(text);
    promised.asked = undefined;
  };
  const statement = (text: string) => state(text, () => server.run(text));
  const play = async (n: number) => {
    const name = `${PLAYERS[n % PLAYERS.length]} ${n}`;
    promised.maybeInserted.add(name);
    await insert(server, name);
    promised.maybeInserted.delete(name);
    promised.inserted.push(name);
  };
  const commit = async (offset: number) => {
    promised.askedOffset = offset;
    await commitOffset(server, offset);
    promised.committedOffset = offset;
  };

  await state(IN_FORCE.topic, () => topics.create({ name: 'plain', partitionCount: 2 }));
  await statement(IN_FORCE.plays);
  await Promise.all([play(0), play(1)]);
  await statement(IN_FORCE.totals);
  await commit(1);
  await play(2);
  await server.rows('SELECT * FROM TOTALS;');
  await clock.advance(1_000);
  await statement(IN_FORCE.copy);
  await statement(IN_FORCE.seen);
  await Promise.all([play(3), play(4)]);
  await server.rows('SELECT * FROM SEEN;');
  await commit(2);
  await statement(IN_FORCE.dropSeen);
  await statement(IN_FORCE.dropCopy);
  await clock.advance(31_000);
  await play(5);
  await server.rows('SELECT * FROM TOTALS;');
  await server.close();
  promised.ended = true;
}

function insert(server: LocalSql, name: string): Promise<unknown> {
  const [player, n] = name.split(' ');
  return server.run(`INSERT INTO PLAYS (PLAYER, N) VALUES ('${player}', ${n});`);
}

async function commitOffset(server: LocalSql, offset: number): Promise<void> {
  const { error } = await server.groups.call('commit', {
    groupId: GROUP,
    memberId: '',
    instanceId: null,
    generation: -1,
    offsets: [{ topic: 'plain', partition: 0, offset, leaderEpoch: -1, metadata: '' }],
  });
  assert.equal(error, 'NONE');
}

/** What must hold after any crash: everything promised, nothing twice, nothing by halves, and it goes on. */
export async function checkAfter(fs: MemoryFileSystem, promised: Promised): Promise<void> {
  const server = await openLocalSql({ fs });
  const has = (text: string) => promised.answered.includes(text);
  await checkCatalogue(server);
  const sources = new Set(server.sql.sources().map(({ name }) => name));
  await checkStatement(has(IN_FORCE.plays), sources.has('PLAYS'), promised.asked === IN_FORCE.plays, 'PLAYS');
  await checkStatement(
    has(IN_FORCE.totals),
    sources.has('TOTALS'),
    promised.asked === IN_FORCE.totals,
    'TOTALS',
  );
  if (has(IN_FORCE.dropSeen)) assert.ok(!sources.has('SEEN'), 'SEEN was dropped');
  else if (has(IN_FORCE.seen) && promised.asked !== IN_FORCE.dropSeen) assert.ok(sources.has('SEEN'));
  if (has(IN_FORCE.dropCopy)) assert.ok(!sources.has('COPY'), 'COPY was dropped');
  else if (has(IN_FORCE.copy) && promised.asked !== IN_FORCE.dropCopy) assert.ok(sources.has('COPY'));

  await checkOffsets(server, promised);
  if (sources.has('PLAYS')) await checkPlays(server, promised);
  if (sources.has('TOTALS')) await checkTotals(server, 'after the restart');
  if (sources.has('SEEN')) {
    const seen = await server.rows('SELECT PLAYER, N FROM SEEN;');
    const plays = await playsIn(server);
    for (const { PLAYER, N } of seen)
      assert.equal(N, Math.max(...plays.filter(([player]) => player === PLAYER).map(([, n]) => n)));
  }

  await goOn(server, promised);
  await server.close();

  // What the restart itself wrote is worth as much.
  const again = await openLocalSql({ fs });
  await checkCatalogue(again);
  await checkTotals(again, 'after the second restart');
  await again.close();
}

async function checkStatement(
  answered: boolean,
  isThere: boolean,
  asked: boolean,
  name: string,
): Promise<void> {
  if (answered) assert.ok(isThere, `${name} was created`);
  else if (!asked) assert.ok(!isThere, `nobody asked for ${name}`);
}

/** Every source has its topic and its query, every query its source, and no topic is left of what is gone. */
async function checkCatalogue(server: LocalSql): Promise<void> {
  const topics = new Set((await server.topics.describe()).map(({ name }) => name));
  const sources = server.sql.sources();
  const queries = [...server.sql.persistentQueries()];
  for (const { name, topic } of sources) assert.ok(topics.has(topic), `${name} has its topic`);
  for (const { plan, running, failure } of queries) {
    assert.equal(running?.state, 'RUNNING', `${plan.queryId}: ${failure}`);
    assert.ok(
      sources.some(({ name }) => name === plan.sink.sink),
      `${plan.queryId} has its sink`,
    );
  }
  const changelogs = [...topics].filter((name) => name.endsWith('-changelog'));
  for (const name of changelogs)
    assert.ok(
      queries.some(({ plan }) => name.includes(`query_${plan.queryId}-`)),
      `${name} is of a query that exists no more`,
    );
}

async function checkOffsets(server: LocalSql, promised: Promised): Promise<void> {
  const { offsets } = await server.groups.call('fetchOffsets', {
    groupId: GROUP,
    partitions: 'all',
    requireStable: false,
  });
  const offset = offsets[0]?.offset ?? 0;
  assert.ok([promised.committedOffset, promised.askedOffset].includes(offset), `the group is at ${offset}`);
}

async function playsIn(server: LocalSql): Promise<[player: string, n: number][]> {
  const records = await consume(server.topics, 'plays');
  return records.map(({ key, value }) => [String(key), (JSON.parse(value ?? '{}') as { N: number }).N]);
}

async function checkPlays(server: LocalSql, { inserted, maybeInserted }: Promised): Promise<void> {
  const found = (await playsIn(server)).map(([player, n]) => `${player} ${n}`);
  assert.equal(new Set(found).size, found.length, `something is in the log twice: ${found}`);
  for (const name of inserted) assert.ok(found.includes(name), `${name} was acknowledged`);
  for (const name of found) assert.ok(inserted.includes(name) || maybeInserted.has(name), `${name} is new`);
}

/** The table is the fold of its source, for SQL and for Kafka clients, and its topic counts each play once. */
async function checkTotals(server: LocalSql, when: string): Promise<void> {
  const expected = new Map<string, number>();
  for (const [player] of await playsIn(server)) expected.set(player, (expected.get(player) ?? 0) + 1);
  const rows = await server.rows('SELECT PLAYER, PLAYS FROM TOTALS;');
  assert.deepEqual(new Map(rows.map(({ PLAYER, PLAYS }) => [PLAYER, PLAYS])), expected, when);
  const changes = await consume(server.topics, 'TOTALS');
  const folded = [...tableOf(changes)].map(([player, value]) => [player, JSON.parse(value).PLAYS]);
  assert.deepEqual(new Map(folded as [string, number][]), expected, `the topic ${when}`);
  for (const player of expected.keys()) {
    const counts = changes.filter(({ key }) => key === player).map(({ value }) => JSON.parse(value!).PLAYS);
    assert.deepEqual(
      counts,
      [...new Set(counts)].sort((a, b) => a - b),
      `${player} counts up ${when}`,
    );
  }
}

/** The user does what was not answered again, as one would, and goes on. */
async function goOn(server: LocalSql, promised: Promised): Promise<void> {
  if ((await server.topics.describe(['plain'])).length === 0) {
    assert.ok(!promised.answered.includes(IN_FORCE.topic), 'the topic was acknowledged');
    await server.topics.create({ name: 'plain', partitionCount: 2 });
  }
  const again = (text: string) => server.run(text.replace(/^CREATE (STREAM|TABLE)/, '$& IF NOT EXISTS'));
  await again(IN_FORCE.plays);
  await again(IN_FORCE.totals);
  await insert(server, 'ada 100');
  await checkTotals(server, 'going on');
  await server.run('DROP TABLE IF EXISTS SEEN DELETE TOPIC; DROP STREAM IF EXISTS COPY DELETE TOPIC;');
  const left = (await server.topics.describe(['COPY', 'SEEN'])).map(({ name }) => name);
  // The topic is made before the statement is in force; the statement given again takes it as it is.
  const begun = { COPY: IN_FORCE.copy, SEEN: IN_FORCE.seen }[left[0] ?? ''];
  if (begun === undefined || promised.asked !== begun)
    assert.deepEqual(left, [], 'the topics of what was dropped are gone');
  await server.run(IN_FORCE.copy);
  const copied = await server.rows('SELECT * FROM COPY;');
  assert.equal(copied.length, (await playsIn(server)).length, 'COPY begins anew');
}
