// Many partitions: how long until they can be written, how fast all of them are written, memory, and a restart with them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTopic, sendOne } from './support/admin.ts';
import { type Bench, say } from './support/bench.ts';
import { type Broker, makeKafkaFolder, startKafka, startMillrace } from './support/brokers.ts';
import { KAFKA, runJava } from './support/java.ts';
import { measureLatency } from './support/latency-run.ts';
import { usageOf, watchUsage } from './support/machine.ts';
import { resultRow } from './support/results.ts';
import type { Measured } from './support/statistics.ts';

const TOPIC = 'wide';
const WRITE_SECONDS = 20;
const BESIDE_SECONDS = 5;

const FIGURES = [
  ['create until the first ack', 'ms', 'lower', 'createMs'],
  ['write to all in turn', 'records/s', 'higher', 'recordsPerSecond'],
  ['memory', 'MB', 'lower', 'residentMb'],
  ['produce p99 beside them at 1,000 records/s', 'ms', 'lower', 'p99Ms'],
  ['restart until the first ack', 'ms', 'lower', 'restartMs'],
] as const;

export type PartitionCost = Readonly<Record<(typeof FIGURES)[number][3], Measured>>;

export const partitions: Bench = async ({ effort }) => {
  const rows = [];
  for (const count of { quick: [200], brief: [500], full: [1_000, 10_000] }[effort]) {
    const records = { quick: 20_000, brief: 100_000, full: 300_000 }[effort];
    const ours = await oursWith(count, records);
    const rival = await kafkaWith(count, records).catch((error: Error) => error);
    const skipped = rival instanceof Error ? rival.message : undefined;
    for (const [name, unit, better, field] of FIGURES) {
      rows.push(
        resultRow({
          ...{ bench: 'partitions', name: `${count} partitions, ${name}`, unit, better },
          settings: {
            'records at most': records,
            'seconds at most': WRITE_SECONDS,
            'record bytes': 100,
            acks: 'all',
            'linger ms': 20,
            stop: 'clean',
          },
          ours: [ours[field]],
          rival: { name: KAFKA, rounds: rival instanceof Error ? [] : [rival[field]] },
          skipped,
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

type Begin = () => Promise<Broker>;

async function measure(begin: Begin, count: number, records: number): Promise<PartitionCost> {
  const cost = await running(begin, (broker) => createAndWrite(broker, count, records));
  const restarting = performance.now();
  const restartMs = await running(begin, async (broker) => {
    await sendOne(broker, TOPIC);
    return performance.now() - restarting;
  });
  return { ...cost, restartMs: { value: restartMs } };
}

async function createAndWrite(
  broker: Broker,
  partitionCount: number,
  records: number,
): Promise<Omit<PartitionCost, 'restartMs'>> {
  say(`${broker.name}: ${partitionCount} partitions`);
  const usage = watchUsage(broker.pid);
  const creating = performance.now();
  await createTopic(broker, TOPIC, partitionCount);
  await sendOne(broker, TOPIC);
  const createMs = performance.now() - creating;
  const values = { topic: TOPIC, partitions: partitionCount, records, seconds: WRITE_SECONDS };
  const [line] = await runJava('Spread', { ...values, bootstrap: broker.bootstrap }, { timeoutMs: 400_000 });
  const used = usage();
  await createTopic(broker, 'beside', 1);
  const { ack } = await measureLatency(broker, { topic: 'beside', rate: 1_000, seconds: BESIDE_SECONDS });
  const [sent, recordsPerSecond] = (line ?? '').split(' ').slice(1).map(Number) as [number, number];
  return {
    createMs: { value: createMs },
    recordsPerSecond: { value: recordsPerSecond, work: sent, processes: { broker: used } },
    p99Ms: { value: ack.p99 },
    residentMb: { value: usageOf(broker.pid).residentMb },
  };
}

/** Starts a broker for as long as `work` runs. */
async function running<T>(begin: Begin, work: (broker: Broker) => Promise<T>): Promise<T> {
  const broker = await begin();
  try {
    return await work(broker);
  } finally {
    await broker.stop();
  }
}
