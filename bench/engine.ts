// The scoreboard's query (left join, re-key, three maxima), and a join of two streams, inside one task, on JSON events,
// without a socket or a disk: what the engine itself costs. bench/scoreboard.ts measures the same from log to log.

import { systemClock } from '../src/base/clock.ts';
import { silentLogger } from '../src/base/logger.ts';
import { Engine } from '../src/engine/engine.ts';
import { BatchBuilder } from '../src/record/batch-builder.ts';
import type { QueryPlan, Step } from '../src/sql/plan.ts';
import { MemoryTopics } from '../src/testing/memory-topics.ts';
import {
  columns,
  INTEGER,
  plan,
  STRING,
  source,
  statsPerUser,
  streamStreamJoin,
} from '../src/testing/plan-builders.ts';
import type { Bench } from './support/bench.ts';
import { resultRow } from './support/results.ts';
import type { Measured } from './support/statistics.ts';

/** Of the join of streams: as many as can be met. */
const PLAYERS = 10_000;
const BATCH_EVENTS = 1_000;
const TOPICS = ['USER_GAME', 'LOSSES_PER_USER', 'GAMES', 'ENDS'];

/** A query with the records of its topics, `events` in all. */
interface Job {
  readonly label: string;
  readonly plan: QueryPlan;
  /** How many of the events each topic has. */
  readonly shares: Readonly<Record<string, number>>;
  readonly fill: (topics: MemoryTopics, events: number) => Promise<void>;
}

const jobsOf = (keys: number): readonly Job[] => [
  scoreboard('every update', '0', keys),
  scoreboard('merged', '10000000', keys),
  {
    label: 'join of streams',
    plan: plan('PAIRS', 'OUT', pairsOf('GAMES', 'ENDS')),
    shares: { GAMES: 0.5, ENDS: 0.5 },
    async fill(topics, events) {
      const record = (n: number): [string, string] => [
        `game${n}`,
        `{"USER":"player${n % PLAYERS}","SCORE":${n}}`,
      ];
      for (const topic of ['GAMES', 'ENDS']) await fill(topics, topic, Math.floor(events / 2), record);
    },
  },
];

export const engine: Bench = async ({ rounds, events, keys }) => {
  const rows = [];
  for (const job of jobsOf(keys)) {
    const ours = [];
    for (let round = 0; round < rounds; round++) ours.push(await run(job, events));
    const settings = { events, keys, partitions: 1, from: 'memory to memory' };
    rows.push(
      resultRow({ bench: 'engine', name: job.label, unit: 'events/s', better: 'higher', settings, ours }),
    );
  }
  return rows;
};

function scoreboard(label: string, cacheBytes: string, keys: number): Job {
  return {
    label,
    plan: plan('STATS', 'OUT', statsPerUser(), { 'cache.max.bytes.buffering': cacheBytes }),
    shares: { USER_GAME: 1 },
    async fill(topics, events) {
      await fill(topics, 'LOSSES_PER_USER', keys, (n) => [`player${n}`, `{"TOTAL_LOSSES":${n % 7}}`]);
      await fill(topics, 'USER_GAME', events, (n) => {
        const game = `{"SCORE":${(n * 31) % 50_000},"LIVES":${n % 4},"LEVEL":${1 + (n % 30)}}`;
        return [null, `{"USER":"player${mixed(n) % keys}","GAME":${game}}`];
      });
    },
  };
}

/** In no order that keys would be made or kept in. */
const mixed = (n: number) =>
  (Math.imul(n ^ (n >>> 15), 0x2c1b3c6d) ^ (Math.imul(n, 0x297a2d39) >>> 12)) >>> 0;

/** Each row has one partner; of each side the last 40,000 can be met. */
function pairsOf(left: string, right: string): Step {
  const [a, b] = [left, right].map((topic) =>
    source(topic, 'STREAM', {
      key: columns(['ID', STRING]),
      value: columns(['USER', STRING], ['SCORE', INTEGER]),
    }),
  ) as [Step, Step];
  return streamStreamJoin(a, b, {
    join: 'INNER',
    beforeMs: 20_000,
    afterMs: 20_000,
    graceMs: 0,
    waits: false,
  });
}

async function run({ plan: query, shares, fill: fillTopics }: Job, events: number): Promise<Measured> {
  const topics = new MemoryTopics();
  for (const name of [...TOPICS, 'OUT']) await topics.create({ name, partitionCount: 1 });
  await fillTopics(topics, events);
  const engine = new Engine({ topics, clock: systemClock, logger: silentLogger });
  const [begun, used] = [performance.now(), process.cpuUsage()];
  const running = await engine.start(query);
  const ends = Object.entries(shares).map(([topic, share]) => ({
    topic,
    partition: 0,
    offset: Math.floor(events * share),
  }));
  await running.reached(ends, 300_000);
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(used);
  await engine.stop();
  const task = { cpuSeconds: (user + system) / 1e6, peakMb: process.memoryUsage.rss() / 2 ** 20 };
  return { value: events / seconds, work: events, processes: { task } };
}

async function fill(
  topics: MemoryTopics,
  topic: string,
  records: number,
  record: (n: number) => readonly [string | null, string],
): Promise<void> {
  for (let from = 0; from < records; from += BATCH_EVENTS) {
    const builder = new BatchBuilder();
    for (let n = from; n < Math.min(from + BATCH_EVENTS, records); n++) {
      const [key, value] = record(n);
      builder.append(n, key === null ? null : Buffer.from(key), Buffer.from(value));
    }
    await topics.append({ topic, partition: 0, batch: builder.build() });
  }
}
