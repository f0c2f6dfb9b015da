// What queries in threads of their own are good for: how fast the scoreboard's query catches up, what an append and a
// pull query wait meanwhile, and how soon a result follows its event when there is little to do. In one process with the
// log, so that what is measured is the log's thread and not a client.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/base/clock.ts';
import { silentLogger } from '../src/base/logger.ts';
import { osFileSystem } from '../src/base/os-fs.ts';
import { systemRandom } from '../src/base/random.ts';
import { Broker } from '../src/broker/broker.ts';
import { Engine } from '../src/engine/engine.ts';
import type { RunningQuery } from '../src/engine/running-query.ts';
import { EngineHost } from '../src/engine/threads/engine-host.ts';
import { BatchBuilder } from '../src/record/batch-builder.ts';
import type { PlannedOf } from '../src/sql/planned.ts';
import { column, plan, statsPerUser } from '../src/testing/plan-builders.ts';
import { type Bench, say } from './support/bench.ts';
import { sleep } from './support/machine.ts';
import { resultRow } from './support/results.ts';

const PLAYERS = 10_000;
const BATCH_EVENTS = 1_000;
const MODES = ['log’s thread', 'own thread, reads through the log’s', 'own thread'] as const;

type Mode = (typeof MODES)[number];
type AnyEngine = Engine | EngineHost;

const FIGURES = [
  ['scoreboard', 'events/s', 'higher', 'eventsPerSecond'],
  ['CPU an event', 'us', 'lower', 'cpuUs'],
  ["CPU an event in the log's thread", 'us', 'lower', 'logCpuUs'],
  ['append p99, idle', 'ms', 'lower', 'idleAppend99'],
  ['append p99 while a query catches up', 'ms', 'lower', 'append99'],
  ['pull by key p99, idle', 'ms', 'lower', 'idlePull99'],
  ['pull by key p99 while another query catches up', 'ms', 'lower', 'pull99'],
  ['event to committed result p50', 'ms', 'lower', 'result50'],
  ['event to committed result p99', 'ms', 'lower', 'result99'],
  ['start of the first query', 'ms', 'lower', 'firstQueryMs'],
  ['memory of the first query', 'MB', 'lower', 'firstQueryMb'],
] as const;

export const threads: Bench = async ({ effort, rounds }) => {
  const events = { quick: 300_000, brief: 600_000, full: 2_000_000 }[effort];
  const found = new Map<Mode, Round[]>(MODES.map((mode) => [mode, []]));
  for (let round = 0; round < rounds; round++) {
    for (const mode of MODES) {
      say(`round ${round + 1} of ${rounds}: ${mode}`);
      found.get(mode)?.push(await measure(mode, events));
    }
  }
  const [baseline, ...others] = MODES;
  return others.flatMap((mode) =>
    FIGURES.map(([name, unit, better, field]) => {
      const of = (which: Mode) => found.get(which)?.map((round) => ({ value: round[field] })) ?? [];
      return resultRow({
        ...{ bench: 'threads', name: `${mode}: ${name}`, unit, better },
        settings: { events, keys: PLAYERS, partitions: 1 },
        ours: of(mode),
        rival: { name: baseline, rounds: of(baseline) },
      });
    }),
  );
};

type Round = Record<
  | 'eventsPerSecond'
  | 'cpuUs'
  | 'logCpuUs'
  | 'idleAppend50'
  | 'idleAppend99'
  | 'append50'
  | 'append99'
  | 'idlePull50'
  | 'idlePull99'
  | 'pull50'
  | 'pull99'
  | 'result50'
  | 'result99'
  | 'firstQueryMs'
  | 'firstQueryMb',
  number
>;

async function measure(mode: Mode, events: number): Promise<Round> {
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const broker = await Broker.start({
    fs: osFileSystem,
    dataDir,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    listen: { host: '127.0.0.1', port: 0 },
  });
  const { topics } = broker;
  const engine = engineOf(mode, broker, dataDir);
  try {
    for (const name of ['USER_GAME', 'LOSSES_PER_USER', 'OTHER', 'FEW_GAMES', 'FIRST', 'STATS_PER_USER'])
      await topics.create({ name, partitionCount: 1 });
    const properties = { 'cache.max.bytes.buffering': '0' };
    const query = (name: string, source: string) => plan(name, name, renamed(source), properties);
    await fill(broker, 'LOSSES_PER_USER', PLAYERS, (n) => [`player${n}`, `{"TOTAL_LOSSES":${n % 7}}`]);
    await fill(broker, 'FEW_GAMES', PLAYERS, game);
    await fill(broker, 'USER_GAME', events, game);

    const rssBefore = process.memoryUsage.rss();
    const begun = performance.now();
    const first = await engine.start(query('FIRST', 'FEW_GAMES'));
    const firstQueryMs = performance.now() - begun;
    const firstQueryMb = (process.memoryUsage.rss() - rssBefore) / 1e6;
    await first.reached([{ topic: 'FEW_GAMES', partition: 0, offset: PLAYERS }], 300_000);

    const results = await resultLatency(broker, first);
    const idleAppend = await paced(200, 5, () => append(broker, 'OTHER', game));
    const idlePull = await paced(1_000, 1, (n) => pull(first, n));

    const before = process.cpuUsage();
    const ownBefore = process.threadCpuUsage();
    const caughtUp = await catchUp(engine, query('STATS_PER_USER', 'USER_GAME'), events);
    const { user, system } = process.cpuUsage(before);
    const own = process.threadCpuUsage(ownBefore);
    await caughtUp.query.stop();
    await engine.dropState('STATS_PER_USER');

    const appends = await beside(engine, query('AGAIN', 'USER_GAME'), broker, events, (until) =>
      paced(until, 5, () => append(broker, 'OTHER', game)),
    );
    const pulls = await beside(engine, query('ONCE_MORE', 'USER_GAME'), broker, events, (until) =>
      paced(until, 1, (n) => pull(first, n)),
    );
    return {
      eventsPerSecond: events / caughtUp.seconds,
      cpuUs: (user + system) / events,
      logCpuUs: (own.user + own.system) / events,
      idleAppend50: at(idleAppend, 0.5),
      idleAppend99: at(idleAppend, 0.99),
      append50: at(appends, 0.5),
      append99: at(appends, 0.99),
      idlePull50: at(idlePull, 0.5),
      idlePull99: at(idlePull, 0.99),
      pull50: at(pulls, 0.5),
      pull99: at(pulls, 0.99),
      result50: at(results, 0.5),
      result99: at(results, 0.99),
      firstQueryMs,
      firstQueryMb,
    };
  } finally {
    await engine.stop();
    await broker.stop();
    rmSync(dataDir, { recursive: true });
  }
}

function engineOf(mode: Mode, { topics, sharedLogs }: Broker, dataDir: string): AnyEngine {
  const options = { topics, clock: systemClock, logger: silentLogger };
  const root = `${dataDir}/state`;
  if (mode === 'log’s thread') return new Engine({ ...options, state: { fs: osFileSystem, root } });
  return new EngineHost({
    ...options,
    places: mode === 'own thread' ? sharedLogs : undefined,
    serviceId: 'default_',
    stateRoot: root,
    spillRoot: undefined,
    stateMemoryBytes: undefined,
    workers: 1,
    heapMb: undefined,
    entry: undefined,
  });
}

/** The scoreboard's steps over another topic of games. */
function renamed(topic: string): ReturnType<typeof statsPerUser> {
  return JSON.parse(JSON.stringify(statsPerUser()).replaceAll('"USER_GAME"', JSON.stringify(topic)));
}

function game(n: number): readonly [string | null, string] {
  const score = `{"SCORE":${(n * 31) % 50_000},"LIVES":${n % 4},"LEVEL":${1 + (n % 30)}}`;
  return [null, `{"USER":"player${(n * 7919) % PLAYERS}","GAME":${score}}`];
}

async function fill(broker: Broker, topic: string, count: number, record: typeof game): Promise<void> {
  for (let from = 0; from < count; from += BATCH_EVENTS * 50) {
    const batches: Promise<unknown>[] = [];
    for (let at = from; at < Math.min(count, from + BATCH_EVENTS * 50); at += BATCH_EVENTS) {
      const builder = new BatchBuilder();
      for (let n = at; n < Math.min(at + BATCH_EVENTS, count); n++) {
        const [key, value] = record(n);
        builder.append(n, key === null ? null : Buffer.from(key), Buffer.from(value));
      }
      batches.push(broker.topics.append({ topic, partition: 0, batch: builder.build() }));
    }
    await Promise.all(batches);
  }
}

let appended = 0;

function append(broker: Broker, topic: string, record: typeof game): Promise<unknown> {
  const builder = new BatchBuilder();
  const [key, value] = record(appended++);
  builder.append(appended, key === null ? null : Buffer.from(key), Buffer.from(value));
  return broker.topics.append({ topic, partition: 0, batch: builder.build() });
}

async function pull(query: RunningQuery, n: number): Promise<void> {
  const rows = await query.pull(pullPlan(`player${(n * 31) % PLAYERS}`));
  const found = await rows.next();
  if (found?.length !== 1) throw new Error(`${found?.length} rows`);
}

const stats = statsPerUser();

const shape = {
  source: 'FIRST',
  isWindowed: false,
  hasKeyRange: false,
  projection: [0, 1, 2, 3].map((index) => column(stats, index)),
  columns: [],
};

function pullPlan(key: string): PlannedOf<'pull'> {
  return { kind: 'pull', shape, keys: [[key]] };
}

async function catchUp(
  engine: AnyEngine,
  which: Parameters<AnyEngine['start']>[0],
  events: number,
): Promise<{ query: RunningQuery; seconds: number }> {
  const begun = performance.now();
  const query = await engine.start(which);
  await query.reached([{ topic: 'USER_GAME', partition: 0, offset: events }], 600_000);
  return { query, seconds: (performance.now() - begun) / 1000 };
}

/** Runs `work` while the query catches up. */
async function beside<T>(
  engine: AnyEngine,
  which: ReturnType<typeof plan>,
  { topics }: Broker,
  events: number,
  work: (until: Promise<unknown>) => Promise<T>,
): Promise<T> {
  await topics.create({ name: which.sink.topic, partitionCount: 1 });
  const query = await engine.start(which);
  const end = query.reached([{ topic: 'USER_GAME', partition: 0, offset: events }], 600_000);
  const result = await work(end);
  await query.stop();
  query.release();
  return result;
}

/** Milliseconds from when a call should have been made to its answer: a late call counts as a slow one. */
async function paced(
  until: number | Promise<unknown>,
  everyMs: number,
  call: (n: number) => Promise<unknown>,
): Promise<number[]> {
  const latencies: number[] = [];
  const calls: Promise<unknown>[] = [];
  let isOver = false;
  if (typeof until !== 'number') void until.then(() => (isOver = true));
  const begun = performance.now();
  for (let n = 0; typeof until === 'number' ? n < until : !isOver; n++) {
    const dueMs = begun + n * everyMs;
    while (performance.now() < dueMs) await sleep(Math.max(0, dueMs - performance.now()));
    calls.push(call(n).then(() => latencies.push(performance.now() - dueMs)));
  }
  await Promise.all(calls);
  return latencies;
}

async function resultLatency(broker: Broker, query: RunningQuery): Promise<number[]> {
  const latencies: number[] = [];
  for (let n = 0; n < 100; n++) {
    const begun = performance.now();
    await append(broker, 'FEW_GAMES', game);
    await query.reached([{ topic: 'FEW_GAMES', partition: 0, offset: PLAYERS + n + 1 }], 10_000);
    latencies.push(performance.now() - begun);
    await sleep(5);
  }
  return latencies;
}

function at(latencies: readonly number[], share: number): number {
  return latencies.toSorted((a, b) => a - b)[Math.floor(share * (latencies.length - 1))] as number;
}
