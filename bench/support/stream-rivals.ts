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
import { type SteadyRate, steadyRate } from './steady.ts';

export type PipelineName = 'filter' | 'scoreboard' | 'window' | 'join';

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

export function streamsVariants(
  pipeline: PipelineName,
  set: EventSet,
  guarantee: Guarantee,
): StreamsVariant[] {
  const defaultCommitMs = guarantee === 'exactly_once_v2' ? 100 : 30_000;
  // A filter has one task a partition and nothing behind it: with one partition a second thread would idle.
  const threads = pipeline === 'filter' && set.partitions === 1 ? [1] : [1, 2];
  return threads.flatMap((count) =>
    [defaultCommitMs, COMMIT_MS].map((commitMs) => ({ threads: count, commitMs })),
  );
}

let rounds = 0;

export async function runStreams(kafka: Broker, job: RivalJob, variant: StreamsVariant): Promise<RivalRound> {
  return runRival(kafka, job, 'StreamsApp', {
    threads: variant.threads,
    commitMs: variant.commitMs,
    cacheBytes: job.merges ? CACHE_BYTES : 0,
  });
}

export async function runFlink(kafka: Broker, job: RivalJob): Promise<RivalRound> {
  return runRival(kafka, job, 'FlinkApp', { commitMs: COMMIT_MS, merges: job.merges });
}

async function runRival(
  kafka: Broker,
  { pipeline, set, guarantee, boundSeconds }: RivalJob,
  className: 'StreamsApp' | 'FlinkApp',
  settings: Readonly<Record<string, string | number | boolean>>,
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
