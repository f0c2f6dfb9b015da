import type { Broker } from './brokers.ts';
import { runJava } from './java.ts';
import { watchUsage } from './machine.ts';
import type { Usage } from './statistics.ts';

interface Quantiles {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

/** Milliseconds from when a record was due until it was acknowledged, and until a consumer had it. */
export interface LatencyRound {
  readonly ack: Quantiles;
  readonly end: Quantiles;
  readonly broker: Usage;
}

export async function measureLatency(
  broker: Broker,
  load: {
    readonly topic: string;
    readonly rate: number;
    readonly seconds: number;
    readonly recordBytes?: number;
  },
): Promise<LatencyRound> {
  const usage = watchUsage(broker.pid);
  const { topic, rate, seconds, recordBytes = 100 } = load;
  const lines = await runJava(
    'Latency',
    { bootstrap: broker.bootstrap, topic, rate, seconds, recordBytes, warmUpSeconds: Math.ceil(seconds / 3) },
    { timeoutMs: (seconds * 2 + 90) * 1000 },
  );
  return { ack: quantiles(lines, 'ack'), end: quantiles(lines, 'end'), broker: usage() };
}

function quantiles(lines: readonly string[], name: string): Quantiles {
  const line = lines.find((candidate) => candidate.startsWith(`${name} `));
  const [p50, p99, p999] = (line ?? '').split(' ').slice(1).map(Number);
  if (p50 === undefined || p99 === undefined || p999 === undefined)
    throw new Error(`no figures of ${name}: ${lines.join(' | ')}`);
  return { p50, p99, p999 };
}
