import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { createTopic, deleteTopics } from '../support/admin.ts';
import type { Broker } from '../support/brokers.ts';
import { runJava } from '../support/java.ts';
import { sleep, watchUsage } from '../support/machine.ts';
import type { Measured } from '../support/statistics.ts';
import { steadyRate } from '../support/steady.ts';
import { COMMIT_MS } from '../support/stream-rivals.ts';
import type { Topic } from './events.ts';
import { type FlinkQuery, sinkTable, sourceTable } from './flink-queries.ts';
import { type Table, tableOf } from './reference.ts';

export interface FlinkRound extends Measured {
  /** It came to the end before it was cut off. */
  readonly complete: boolean;
  /** What it wrote, if asked for and not cut off. */
  readonly written: Table | undefined;
}

/** What Kafka holds, and how long a round may take. */
export interface FlinkJob {
  readonly kafka: Broker;
  readonly events: number;
  readonly counts: Readonly<Record<Topic, number>>;
  readonly boundSeconds: number;
}

let rounds = 0;

/** The rate is the steady one, as in the other pipelines; records of the topics it reads stand for their share of all events. */
export async function runFlink(
  name: string,
  query: FlinkQuery,
  job: FlinkJob,
  checks: boolean,
): Promise<FlinkRound> {
  const { kafka, events, counts, boundSeconds } = job;
  const out = `flink-${name}-${++rounds}`;
  const stateDir = mkdtempSync(join(tmpdir(), 'nexmark-flink-'));
  const script = join(stateDir, 'query.sql');
  const records = query.reads.reduce((sum, topic) => sum + counts[topic], 0);
  writeFileSync(script, scriptOf(query, out, kafka));
  await createTopic(kafka, out, 1, { 'retention.ms': '-1' });
  const brokerUsage = watchUsage(kafka.pid);
  try {
    const lines = await runJava(
      'FlinkSql',
      {
        ...{ script, out, stateDir, boundSeconds, records, topics: query.reads.join(',') },
        ...{ bootstrap: kafka.bootstrap, guarantee: 'exactly_once_v2', commitMs: COMMIT_MS },
        merges: query.key !== undefined,
      },
      { platform: 'flink', heapMb: 4096, timeoutMs: (boundSeconds + 60) * 1000 },
    );
    const { steady, processed, application } = steadyRate(lines);
    return {
      value: (steady * events) / records,
      work: (processed * events) / records,
      processes: { application, broker: brokerUsage() },
      complete: processed >= records,
      written: checks && processed >= records ? await readWritten(kafka, out) : undefined,
    };
  } finally {
    await deleteTopics(kafka, (topic) => topic === out);
    rmSync(stateDir, { recursive: true, force: true });
  }
}

function scriptOf(query: FlinkQuery, out: string, { bootstrap }: Broker): string {
  const kafka = `'properties.bootstrap.servers' = '${bootstrap}', 'properties.group.id' = '${out}'`;
  const tables = [
    ...query.reads.map((topic) => sourceTable(topic, query, kafka)),
    sinkTable(query, out, kafka),
  ];
  return [...tables, `INSERT INTO sink ${query.select}`].join(';\n');
}

const IDLE_MS = 2_000;

/** What was committed to the topic, the last of each key; the end is where nothing more comes. */
async function readWritten({ bootstrap }: Broker, topic: string): Promise<Table> {
  const consumer = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING }).consumer({
    groupId: `${topic}-check`,
  });
  const rows = new Map<string, Record<string, unknown>>();
  let heardAt = performance.now();
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachBatch: async ({ batch: { messages } }) => {
        for (const { key, value, offset } of messages)
          rows.set(key?.toString() ?? offset, JSON.parse(String(value)));
        heardAt = performance.now();
      },
    });
    while (rows.size === 0 || performance.now() - heardAt < IDLE_MS) {
      if (performance.now() - heardAt > 5 * IDLE_MS) break;
      await sleep(100);
    }
  } finally {
    await consumer.disconnect();
  }
  return tableOf([...rows.values()]);
}
