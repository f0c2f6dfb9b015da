// What a key of state costs in memory, and what an event costs when only a part of the keys fits there: a COUNT per key
// and the scoreboard's query inside one task, without a socket or a disk but for the state that spills.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { systemClock } from '../src/base/clock.ts';
import { openLmdbDiskMap } from '../src/base/lmdb-disk-map.ts';
import { silentLogger } from '../src/base/logger.ts';
import { Engine } from '../src/engine/engine.ts';
import { BatchBuilder } from '../src/record/batch-builder.ts';
import type { Step } from '../src/sql/plan.ts';
import { MemoryTopics } from '../src/testing/memory-topics.ts';
import {
  aggregate,
  aggregateCall,
  BIGINT,
  column,
  columns,
  INTEGER,
  plan,
  STRING,
  source,
  statsPerUser,
} from '../src/testing/plan-builders.ts';
import type { Bench } from './support/bench.ts';
import { type ResultRow, resultRow } from './support/results.ts';

const BATCH_EVENTS = 1_000;

interface Work {
  readonly name: string;
  readonly topic: string;
  readonly root: () => Step;
  readonly event: (key: number, n: number) => readonly [string | null, string];
}

const count: Work = {
  name: 'COUNT per key',
  topic: 'EVENTS',
  root: () => {
    const events = source('EVENTS', 'STREAM', {
      key: columns(['K', STRING]),
      value: columns(['V', INTEGER]),
    });
    return aggregate(events, aggregateCall('COUNT', 'N', BIGINT, column(events, 1)));
  },
  event: (key, n) => [`player-${key}`, `{"V":${n % 100}}`],
};

const scoreboard: Work = {
  name: 'scoreboard',
  topic: 'USER_GAME',
  root: statsPerUser,
  event: (key, n) => [
    null,
    `{"USER":"player-${key}","GAME":{"SCORE":${(n * 31) % 50_000},"LIVES":${n % 4},"LEVEL":${1 + (n % 30)}}}`,
  ],
};

type Access = (n: number, keys: number) => number;

const mixed = (n: number) =>
  (Math.imul(n ^ (n >>> 15), 0x2c1b3c6d) ^ (Math.imul(n, 0x297a2d39) >>> 12)) >>> 0;
const uniform: Access = (n, keys) => mixed(n) % keys;
/** Four of five events are about a fifth of the keys. */
const skewed: Access = (n, keys) => (n % 5 === 0 ? uniform(n, keys) : mixed(n) % Math.floor(keys / 5));

/** Of the keys, how many fit in memory. */
const SHARES = [100, 50, 10] as const;
const EVENTS_PER_KEY = 4;

/** Of more keys only what they take in memory is measured: `--events 4M` is 1 M keys. */
const MOST_SPILLED_KEYS = 500_000;
/** In a run of every benchmark. */
const FEW_EVENTS = 200_000;

export const state: Bench = async ({ effort, rounds, events: asked }) => {
  const events = effort === 'brief' ? Math.min(asked, FEW_EVENTS) : asked;
  const keys = Math.ceil(events / EVENTS_PER_KEY);
  const rows: ResultRow[] = [];
  for (const work of [count, scoreboard]) {
    const { heapPerKey, accountedPerKey } = await run(work, keys, 0, uniform, undefined);
    const size = { bench: 'state', unit: 'bytes', better: 'lower' as const, settings: { keys } };
    rows.push(resultRow({ ...size, name: `${work.name}, heap per key`, ours: [{ value: heapPerKey }] }));
    rows.push(
      resultRow({ ...size, name: `${work.name}, accounted per key`, ours: [{ value: accountedPerKey }] }),
    );
    if (keys > MOST_SPILLED_KEYS) continue;
    for (const [accessName, access] of Object.entries({ uniform, '80/20': skewed }))
      for (const percent of SHARES) {
        const memoryBytes = percent === 100 ? undefined : (keys * accountedPerKey * percent) / 100;
        const ours = [];
        for (let round = 0; round < rounds; round++)
          ours.push({ value: (await run(work, keys, events, access, memoryBytes)).cpuMicros });
        const name = `${work.name}, ${accessName}, ${percent} % in memory`;
        const settings = { events, keys };
        rows.push(resultRow({ bench: 'state', name, unit: 'us CPU/event', better: 'lower', settings, ours }));
      }
  }
  return rows;
};

async function run(
  work: Work,
  keys: number,
  events: number,
  access: Access,
  memoryBytes: number | undefined,
) {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-state-'));
  const topics = new MemoryTopics();
  for (const name of [work.topic, 'LOSSES_PER_USER', 'STATS'])
    if (name === work.topic || name === 'STATS' || work === scoreboard)
      await topics.create({ name, partitionCount: 1 });
  const spill = { memoryBytes: memoryBytes ?? Number.MAX_SAFE_INTEGER, folder, openDisk: openLmdbDiskMap };
  const engine = new Engine({ topics, clock: systemClock, logger: silentLogger, spill });
  const properties = { 'commit.interval.ms': '200' };
  const before = heapBytes();
  const query = await engine.start(plan('Q', 'STATS', work.root(), properties));
  const at = (offset: number) => [{ topic: work.topic, partition: 0, offset }];
  await fill(topics, work, keys, (n) => n);
  await query.reached(at(keys), 600_000);
  const heapPerKey = Math.round((heapBytes() - before) / keys);
  const accountedPerKey = Math.round(engine.stateBytes / keys);
  await fill(topics, work, events, (n) => access(n, keys));
  const used = process.cpuUsage();
  await query.reached(at(keys + events), 600_000);
  const { user, system } = process.cpuUsage(used);
  await engine.stop();
  rmSync(folder, { recursive: true });
  return { heapPerKey, accountedPerKey, cpuMicros: (user + system) / events };
}

async function fill(
  topics: MemoryTopics,
  work: Work,
  events: number,
  keyOf: (n: number) => number,
): Promise<void> {
  for (let from = 0; from < events; from += BATCH_EVENTS) {
    const builder = new BatchBuilder();
    for (let n = from; n < Math.min(from + BATCH_EVENTS, events); n++) {
      const [key, value] = work.event(keyOf(n), n);
      builder.append(1_700_000_000_000 + n, key === null ? null : Buffer.from(key), Buffer.from(value));
    }
    await topics.append({ topic: work.topic, partition: 0, batch: builder.build() });
  }
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
