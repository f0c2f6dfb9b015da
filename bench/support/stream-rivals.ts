import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTopic, deleteTopics } from './admin.ts';
import type { Broker } from './brokers.ts';
import { type EventSet, eventArguments } from './events.ts';
import { runJava } from './java.ts';
import { watchUsage } from './machine.ts';
import type { Guarantee } from './options.ts';
import type { Measured } from './statistics.ts';
import { lastSample, type SteadyRate, steadyRate } from './steady.ts';

export type PipelineName = 'filter' | 'scoreboard' | 'window' | 'join' | 'stream-join';

/** What both rivals are told to run. */
export interface RivalJob {
  readonly pipeline: PipelineName;
  readonly set: EventSet;
  readonly guarantee: Guarantee;
  /** Updates of a key within a commit become one. */
  readonly merges: boolean;
  readonly boundSeconds: number;
}

/** Kafka Streams has settings whose best value depends on the pipeline: each is tried, the fastest counts. */
export interface StreamsVariant {
  readonly threads: number;
  readonly commitMs: number;
}

export interface RivalRound extends Measured {
  readonly rate: SteadyRate;
  /** It came to the end before it was cut off. */
  readonly complete: boolean;
  /** Holds what it wrote until `discard`. */
  readonly topic: string;
  discard(): Promise<void>;
}

/** ksqlDB's default cache; Kafka Streams 4.1 has the same. */
const CACHE_BYTES = 10_485_760;
/** Ours and Flink's interval between two commits in every pipeline. */
export const COMMIT_MS = 2_000;

/** As it runs by default, first. */
export function streamsVariants({ pipeline, set, guarantee }: RivalJob): StreamsVariant[] {
  const defaultCommitMs = guarantee === 'exactly_once_v2' ? 100 : 30_000;
  // Without a repartition topic there is one task a partition: with one partition a second thread would idle.
  const hasOneStage = pipeline === 'filter' || pipeline === 'stream-join';
  const threads = hasOneStage && set.partitions === 1 ? [1] : [1, 2];
  return threads.flatMap((count) =>
    [defaultCommitMs, COMMIT_MS].map((commitMs) => ({ threads: count, commitMs })),
  );
}

let rounds = 0;

/** `onBegin` is called when it has processed something. */
export async function runStreams(
  kafka: Broker,
  job: RivalJob,
  variant: StreamsVariant,
  onBegin?: () => void,
): Promise<RivalRound> {
  const settings = { ...variant, cacheBytes: job.merges ? CACHE_BYTES : 0 };
  return runRival(kafka, job, 'StreamsApp', settings, onBegin);
}

/** Fills the table of scores once, then restarts the application on it: milliseconds from JVM start to the first answer. */
export async function restoreStreams(kafka: Broker, set: EventSet, restarts: number): Promise<Measured[]> {
  const id = 'streams-restore';
  const stateDir = mkdtempSync(join(tmpdir(), 'rival-bench-'));
  await createTopic(kafka, id, set.partitions);
  const values = {
    ...eventArguments(set),
    ...{
      pipeline: 'scoreboard',
      guarantee: 'exactly_once_v2',
      threads: 1,
      commitMs: 100,
      cacheBytes: CACHE_BYTES,
    },
    ...{ bootstrap: kafka.bootstrap, appId: id, out: id, stateDir, boundSeconds: 600 },
  };
  const program = { heapMb: 4096, timeoutMs: 700_000 };
  try {
    await runJava('StreamsApp', values, program);
    const found: Measured[] = [];
    for (let restart = 0; restart < restarts; restart++) {
      // In memory nothing is left of the store: it comes back from its changelog.
      const lines = await runJava('StreamsApp', { ...values, restoreUser: 'player0' }, program);
      const { seconds, cpuSeconds, peakMb } = lastSample(lines);
      found.push({ value: seconds * 1000, processes: { application: { cpuSeconds, peakMb } } });
    }
    return found;
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

export async function runFlink(kafka: Broker, job: RivalJob): Promise<RivalRound> {
  return runRival(kafka, job, 'FlinkApp', { commitMs: COMMIT_MS, merges: job.merges });
}

async function runRival(
  kafka: Broker,
  { pipeline, set, guarantee, boundSeconds }: RivalJob,
  className: 'StreamsApp' | 'FlinkApp',
  settings: Readonly<Record<string, string | number | boolean>>,
  onBegin?: () => void,
): Promise<RivalRound> {
  const id = `${className.toLowerCase()}-${pipeline}-${++rounds}`;
  const stateDir = mkdtempSync(join(tmpdir(), 'rival-bench-'));
  await createTopic(kafka, id, set.partitions);
  const brokerUsage = watchUsage(kafka.pid);
  try {
    const lines = await runJava(
      className,
      {
        ...eventArguments(set),
        ...settings,
        ...{ pipeline, guarantee, boundSeconds, stateDir },
        ...{ bootstrap: kafka.bootstrap, appId: id, out: id },
      },
      {
        platform: className === 'FlinkApp' ? 'flink' : 'kafka',
        heapMb: 4096,
        timeoutMs: (boundSeconds + 120) * 1000,
        ...(onBegin !== undefined ? { onLine: onBegin } : {}),
      },
    );
    const rate = steadyRate(lines);
    return {
      value: rate.steady,
      work: rate.processed,
      processes: { application: rate.application, broker: brokerUsage() },
      rate,
      complete: rate.processed >= set.events,
      topic: id,
      discard: () => deleteTopics(kafka, (topic) => topic === id || topic.startsWith(`${id}-`)),
    };
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}
