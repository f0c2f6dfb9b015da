// What an idle connection costs, and what a producer beside thousands of them notices.
import { connect, type Socket } from 'node:net';
import { createTopic } from './support/admin.ts';
import { type Bench, say } from './support/bench.ts';
import { type Broker, startKafka, startMillrace } from './support/brokers.ts';
import { KAFKA } from './support/java.ts';
import { measureLatency } from './support/latency-run.ts';
import { sleep, usageOf } from './support/machine.ts';
import { type ResultRow, resultRow } from './support/results.ts';
import type { Measured } from './support/statistics.ts';

const RATE = 1_000;

export interface ConnectionCost {
  readonly connections: number;
  readonly bytesEach: Measured[];
  readonly p99: Measured[];
}

export const connections: Bench = async ({ effort, rounds }) => {
  const sizes = { quick: [500], brief: [5_000], full: [1_000, 5_000, 10_000] }[effort];
  const seconds = { quick: 2, brief: 3, full: 6 }[effort];
  // One broker after the other: the client's ends of both would exceed the usual limit of open files.
  const ours = await costs(await startMillrace(), sizes, rounds, seconds);
  const rival = await costs(await startKafka(), sizes, rounds, seconds);
  return ours.flatMap((cost, index) => rowsOf(cost, rival[index]));
};

function rowsOf(ours: ConnectionCost, rival: ConnectionCost | undefined): ResultRow[] {
  const of = (field: 'bytesEach' | 'p99') => ({
    ours: ours[field],
    rival: rival && { name: KAFKA, rounds: rival[field] },
  });
  const common = { bench: 'connections', better: 'lower' as const };
  return [
    resultRow({
      ...common,
      ...of('bytesEach'),
      name: `${ours.connections} idle connections`,
      unit: 'bytes each',
      settings: { 'produce records/s': RATE, acks: 'all' },
    }),
    resultRow({
      ...common,
      ...of('p99'),
      name: `${ours.connections} idle connections, produce p99 beside them`,
      unit: 'ms',
      settings: { 'produce records/s': RATE, acks: 'all' },
    }),
  ];
}

/** Adds connections up to each size and measures there; stops the broker. */
export async function costs(
  broker: Broker,
  sizes: readonly number[],
  rounds: number,
  seconds: number,
): Promise<ConnectionCost[]> {
  const sockets: Socket[] = [];
  const found: ConnectionCost[] = [];
  try {
    await createTopic(broker, 'beside', 1);
    await measureLatency(broker, { topic: 'beside', rate: RATE, seconds: 1 });
    const before = usageOf(broker.pid).residentMb;
    for (const size of sizes) {
      say(`${broker.name}: ${size} connections`);
      while (sockets.length < size) {
        const more = Math.min(100, size - sockets.length);
        sockets.push(...(await Promise.all(Array.from({ length: more }, () => open(broker)))));
      }
      await sleep(500);
      const bytes = ((usageOf(broker.pid).residentMb - before) * 2 ** 20) / size;
      const p99: Measured[] = [];
      for (let round = 0; round < rounds; round++) {
        const { ack, broker: usage } = await measureLatency(broker, { topic: 'beside', rate: RATE, seconds });
        p99.push({ value: ack.p99, processes: { broker: usage } });
      }
      found.push({ connections: size, bytesEach: [{ value: Math.max(1, bytes) }], p99 });
    }
  } finally {
    for (const socket of sockets) socket.destroy();
    await broker.stop();
  }
  return found;
}

/** ApiVersions v0, correlation 1, client `idle`: what every client says first. */
const HELLO = Buffer.from([0, 0, 0, 14, 0, 18, 0, 0, 0, 0, 0, 1, 0, 4, 0x69, 0x64, 0x6c, 0x65]);

/** A connection that has spoken once and then waits. */
function open({ bootstrap }: Broker): Promise<Socket> {
  const [host, port] = bootstrap.split(':') as [string, string];
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), host, () => socket.write(HELLO));
    socket.once('error', reject);
    socket.once('data', () => {
      // What a destroyed broker says later is no news.
      socket.off('error', reject).on('error', () => {});
      resolve(socket);
    });
  });
}
