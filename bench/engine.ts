// The scoreboard's query (left join, re-key, three maxima) inside one task, on JSON events, without a socket or a disk:
// what the engine itself costs. bench/scoreboard.ts measures the same from log to log.

import { systemClock } from '../src/base/clock.ts';
import { silentLogger } from '../src/base/logger.ts';
import { Engine } from '../src/engine/engine.ts';
import { BatchBuilder } from '../src/record/batch-builder.ts';
import { MemoryTopics } from '../src/testing/memory-topics.ts';
import { plan, statsPerUser } from '../src/testing/plan-builders.ts';
import type { Bench } from './support/bench.ts';
import { resultRow } from './support/results.ts';

const PLAYERS = 10_000;
const BATCH_EVENTS = 1_000;

export const engine: Bench = async ({ rounds, events }) => {
  const rows = [];
  for (const { label, cacheBytes } of [
    { label: 'every update', cacheBytes: '0' },
    { label: 'merged', cacheBytes: '10000000' },
  ]) {
    const ours = [];
    for (let round = 0; round < rounds; round++) ours.push({ value: await run(events, cacheBytes) });
    const settings = { events, keys: PLAYERS, partitions: 1, from: 'memory to memory' };
    rows.push(
      resultRow({ bench: 'engine', name: label, unit: 'events/s', better: 'higher', settings, ours }),
    );
  }
  return rows;
};

async function run(events: number, cacheBytes: string): Promise<number> {
  const topics = new MemoryTopics();
  for (const name of ['USER_GAME', 'LOSSES_PER_USER', 'STATS_PER_USER'])
    await topics.create({ name, partitionCount: 1 });
  await fill(topics, 'LOSSES_PER_USER', PLAYERS, (n) => [`player${n}`, `{"TOTAL_LOSSES":${n % 7}}`]);
  await fill(topics, 'USER_GAME', events, (n) => {
    const game = `{"SCORE":${(n * 31) % 50_000},"LIVES":${n % 4},"LEVEL":${1 + (n % 30)}}`;
    return [null, `{"USER":"player${(n * 7919) % PLAYERS}","GAME":${game}}`];
  });
  const engine = new Engine({ topics, clock: systemClock, logger: silentLogger });
  const begun = performance.now();
  const properties = { 'cache.max.bytes.buffering': cacheBytes };
  const query = await engine.start(plan('STATS', 'STATS_PER_USER', statsPerUser(), properties));
  await query.reached([{ topic: 'USER_GAME', partition: 0, offset: events }], 300_000);
  const seconds = (performance.now() - begun) / 1000;
  await engine.stop();
  return events / seconds;
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
