// Many partitions: how long until they can be written, how fast all of them are written, memory, and a restart with them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTopic, sendOne } from './support/admin.ts';
import { type Bench, say } from './support/bench.ts';
import { type Broker, makeKafkaFolder, startKafka, startMillrace } from './support/brokers.ts';
import { KAFKA, runJava } from './support/java.ts';
import { usageOf, watchUsage } from './support/machine.ts';
import { resultRow } from './support/results.ts';
import type { Measured } from './support/statistics.ts';

const TOPIC = 'wide';

const FIGURES = [
  ['create until the first ack', 'ms', 'lower', 'createMs'],
  ['write to all in turn', 'records/s', 'higher', 'recordsPerSecond'],
  ['memory', 'MB', 'lower', 'residentMb'],
  ['restart until the first ack', 'ms', 'lower', 'restartMs'],
] as const;

export type PartitionCost = Readonly<Record<(typeof FIGURES)[number][3], Measured>>;

export const partitions: Bench = async ({ effort }) => {
  const rows = [];
  for (const count of { quick: [200], brief: [1_000], full: [1_000, 10_000] }[effort]) {
    const records = effort === 'quick' ? 20_000 : 300_000;
    const ours = await oursWith(count, records);
    const rival = await kafkaWith(count, records);
    for (const [name, unit, better, field] of FIGURES) {
      rows.push(
        resultRow({
          ...{ bench: 'partitions', name: `${count} partitions, ${name}`, unit, better },
          settings: { records, 'record bytes': 100, acks: 'all', 'linger ms': 20, stop: 'clean' },
          ours: [ours[field]],
          rival: { name: KAFKA, rounds: [rival[field]] },
        }),
      );
    }
  }
  return rows;
};

export async function oursWith(count: number, records: number): Promise<PartitionCost> {
  const data = mkdtempSync(join(tmpdir(), 'millrace-bench-partitions-'));
  try {
    return await measure(() => startMillrace({ data }), count, records);
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

async function kafkaWith(count: number, records: number): Promise<PartitionCost> {
  const folder = await makeKafkaFolder();
  try {
    return await measure(() => startKafka({ folder }), count, records);
  } finally {
    folder.remove();
  }
}

async function measure(begin: () => Promise<Broker>, count: number, records: number): Promise<PartitionCost> {
  const first = await begin();
  say(`${first.name}: ${count} partitions`);
  const usage = watchUsage(first.pid);
  const creating = performance.now();
  await createTopic(first, TOPIC, count);
  await sendOne(first, TOPIC);
  const createMs = performance.now() - creating;
  const values = { bootstrap: first.bootstrap, topic: TOPIC, partitions: count, records };
  const [line] = await runJava('Spread', values, { timeoutMs: 300_000 });
  const processes = { broker: usage() };
  const { residentMb } = usageOf(first.pid);
  await first.stop();
  const restarting = performance.now();
  const second = await begin();
  await sendOne(second, TOPIC);
  const restartMs = performance.now() - restarting;
  await second.stop();
  return {
    createMs: { value: createMs },
    recordsPerSecond: { value: Number(line?.split(' ')[1]), work: records, processes },
    residentMb: { value: residentMb },
    restartMs: { value: restartMs },
  };
}
