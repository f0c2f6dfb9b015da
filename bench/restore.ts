// A table of a million keys, stopped cleanly: how long from the command until it answers by key again?
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bench, say } from './support/bench.ts';
import { startKafka, startMillrace } from './support/brokers.ts';
import { type EventSet, eventSet } from './support/events.ts';
import { jarVersion } from './support/java.ts';
import { caughtUp, pull } from './support/ksql.ts';
import { sleep, watchUsage } from './support/machine.ts';
import { declareSources, loadSources, PIPELINES, startPipeline } from './support/pipelines.ts';
import { resultRow } from './support/results.ts';
import type { Measured } from './support/statistics.ts';
import { restoreStreams } from './support/stream-rivals.ts';

export const restore: Bench = async ({ effort, rounds, rivalRounds }) => {
  const keys = effort === 'quick' ? 20_000 : 1_000_000;
  // Each key once: the changelog holds no more than the table.
  const set = eventSet({ events: keys, keys, partitions: 1 });
  const ours = await oursRestores(set, rounds);
  const rival = await streamsRestores(set, Math.min(rivalRounds, 3));
  return [
    resultRow({
      ...{ bench: 'restore', name: `${keys} keys, start to first answer`, unit: 'ms', better: 'lower' },
      settings: {
        keys,
        stop: 'clean',
        'rival stores': 'in memory',
        'rival time': 'from the start of its JVM',
      },
      ours,
      rival: { name: `Kafka Streams ${jarVersion('kafka', 'kafka-streams')}`, rounds: rival },
    }),
  ];
};

async function oursRestores(set: EventSet, rounds: number): Promise<Measured[]> {
  const data = mkdtempSync(join(tmpdir(), 'millrace-bench-restore-'));
  try {
    const first = await startMillrace({ data });
    say('filling the table of millrace');
    await loadSources(first, set);
    await declareSources(first);
    const options = { merges: true, guarantee: 'exactly_once_v2' } as const;
    const id = await startPipeline(first, PIPELINES.scoreboard, options);
    await caughtUp(first, [id], 'USER_GAME');
    await first.stop();
    const found: Measured[] = [];
    for (let round = 0; round < rounds; round++) found.push(await oursRestore(data, set));
    return found;
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

async function oursRestore(data: string, { keys }: EventSet): Promise<Measured> {
  const begun = performance.now();
  const server = await startMillrace({ data });
  const usage = watchUsage(server.pid);
  try {
    // The last key of the changelog: it answers when all is there.
    const sql = `SELECT USER, HIGHEST_SCORE FROM STATS_PER_USER WHERE USER = 'player${((keys - 1) * 7919) % keys}';`;
    while (!(await answers(() => pull(server, sql)))) await sleep(10);
    return { value: performance.now() - begun, processes: { server: usage() } };
  } finally {
    await server.stop();
  }
}

/** Until the table is restored, a pull query may be refused or find nothing. */
async function answers(ask: () => Promise<unknown[][]>): Promise<boolean> {
  try {
    return (await ask()).length === 1;
  } catch {
    return false;
  }
}

async function streamsRestores(set: EventSet, rounds: number): Promise<Measured[]> {
  const kafka = await startKafka();
  try {
    say('filling the table of Kafka Streams');
    await loadSources(kafka, set);
    return await restoreStreams(kafka, set, rounds);
  } finally {
    await kafka.stop();
  }
}
