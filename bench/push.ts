// Many subscribers of one table over WebSocket: how soon each has a change, how many rows a second reach all of them.
import { Producer } from '@platformatic/kafka';
import { WebSocket } from 'ws';
import { type Bench, say } from './support/bench.ts';
import { type Millrace, startMillrace } from './support/brokers.ts';
import { statement } from './support/ksql.ts';
import { sleep, usageOf, watchUsage } from './support/machine.ts';
import { resultRow } from './support/results.ts';
import { type Measured, quantile } from './support/statistics.ts';

const PACED_PER_SECOND = 10;

export interface PushCost {
  readonly p50: Measured[];
  readonly p99: Measured[];
  readonly rowsPerSecond: Measured[];
  readonly bytesEach: Measured[];
}

export const push: Bench = async ({ effort, rounds }) => {
  const quick = effort === 'quick';
  const subscribers = quick ? 100 : 1_000;
  const cost = await subscribed(subscribers, rounds, quick ? 2 : 5, quick ? 100 : 300);
  const settings = { subscribers, protocol: 'WebSocket', 'changes/s': PACED_PER_SECOND };
  const row = (name: string, unit: string, better: 'higher' | 'lower', ours: Measured[]) =>
    resultRow({ bench: 'push', name: `${subscribers} subscribers, ${name}`, unit, better, settings, ours });
  return [
    row('produce to receipt p50', 'ms', 'lower', cost.p50),
    row('produce to receipt p99', 'ms', 'lower', cost.p99),
    row('burst', 'rows/s', 'higher', cost.rowsPerSecond),
    row('memory', 'bytes each', 'lower', cost.bytesEach),
  ];
};

/** Paced changes for the latency, then a burst for the rate. */
export async function subscribed(
  count: number,
  rounds: number,
  seconds: number,
  burst: number,
): Promise<PushCost> {
  const cost: PushCost = { p50: [], p99: [], rowsPerSecond: [], bytesEach: [] };
  const server = await startMillrace({ args: ['--max-push-queries', `${count + 10}`] });
  const feed = new Feed(server);
  const audience = new Audience();
  try {
    await statement(
      server,
      `CREATE STREAM PUSHED (K VARCHAR KEY, N INT) WITH (KAFKA_TOPIC='PUSHED', VALUE_FORMAT='JSON', PARTITIONS=1);
       CREATE TABLE LATEST AS SELECT K, LATEST_BY_OFFSET(N) AS N FROM PUSHED GROUP BY K;`,
    );
    const before = usageOf(server.pid).residentMb;
    say(`${count} subscribers`);
    await audience.grow(server, count);
    await sleep(500);
    const bytes = ((usageOf(server.pid).residentMb - before) * 2 ** 20) / count;
    cost.bytesEach.push({ value: Math.max(1, bytes) });
    for (let round = 0; round < rounds; round++) {
      const times = await paced(feed, audience, seconds * PACED_PER_SECOND);
      cost.p50.push({ value: quantile(times, 0.5) });
      cost.p99.push({ value: quantile(times, 0.99) });
      cost.rowsPerSecond.push(await burstOf(server, feed, audience, burst));
    }
  } finally {
    audience.leave();
    await feed.close();
    await server.stop();
  }
  return cost;
}

/** Milliseconds from the send of a change until each subscriber had it, ascending. */
async function paced(feed: Feed, audience: Audience, changes: number): Promise<number[]> {
  const times: number[] = [];
  const sentMs = new Map<number, number>();
  audience.onRow = (n) => times.push(performance.now() - (sentMs.get(n) ?? Number.NaN));
  for (let change = 0; change < changes; change++) {
    const n = feed.next();
    sentMs.set(n, performance.now());
    await feed.send([n]);
    await sleep(1000 / PACED_PER_SECOND);
  }
  await audience.received(() => times.length, changes * audience.size);
  return times.sort((a, b) => a - b);
}

async function burstOf(server: Millrace, feed: Feed, audience: Audience, changes: number): Promise<Measured> {
  let rows = 0;
  audience.onRow = () => {
    rows++;
  };
  const usage = watchUsage(server.pid);
  const begun = performance.now();
  await feed.send(Array.from({ length: changes }, () => feed.next()));
  await audience.received(() => rows, changes * audience.size);
  const seconds = (performance.now() - begun) / 1000;
  return { value: rows / seconds, work: rows, processes: { server: usage() } };
}

/** Changes of different keys, numbered, so that none is merged with another. */
class Feed {
  readonly #producer: Producer;
  #numbers = 0;

  constructor({ bootstrap }: Millrace) {
    this.#producer = new Producer({ clientId: 'bench', bootstrapBrokers: [bootstrap] });
  }

  next(): number {
    return this.#numbers++;
  }

  async send(numbers: readonly number[]): Promise<void> {
    const messages = numbers.map((n) => ({
      topic: 'PUSHED',
      partition: 0,
      key: Buffer.from(`k${n}`),
      value: Buffer.from(`{"N":${n}}`),
    }));
    await this.#producer.send({ messages, acks: -1 });
  }

  async close(): Promise<void> {
    await this.#producer.close();
  }
}

/** The subscribers, all with the same query. */
class Audience {
  readonly #sockets: WebSocket[] = [];
  onRow: (n: number) => void = () => {};
  #failure: Error | undefined;

  get size(): number {
    return this.#sockets.length;
  }

  async grow(server: Millrace, count: number): Promise<void> {
    while (this.size < count) {
      const more = Math.min(50, count - this.size);
      this.#sockets.push(...(await Promise.all(Array.from({ length: more }, () => this.#subscribe(server)))));
    }
  }

  /** Resolves with the first frame, which holds the schema: from then on no change is missed. */
  #subscribe(server: Millrace): Promise<WebSocket> {
    const request = JSON.stringify({ ksql: 'SELECT * FROM LATEST EMIT CHANGES;' });
    const url = `${server.http.replace('http', 'ws')}/ws/query?request=${encodeURIComponent(request)}`;
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url, { perMessageDeflate: false });
      socket.once('error', reject);
      socket.once('close', (code, reason) => {
        this.#failure ??= new Error(`a subscription ended: ${code} ${reason}`);
        reject(this.#failure);
      });
      socket.once('message', () => {
        socket.on('message', (frame) => this.#row(String(frame)));
        resolve(socket);
      });
    });
  }

  #row(frame: string): void {
    const { row } = JSON.parse(frame) as { row?: { columns: [string, number] } };
    if (row !== undefined) this.onRow(row.columns[1]);
  }

  async received(rows: () => number, expected: number): Promise<void> {
    const deadline = performance.now() + 120_000;
    while (rows() < expected) {
      if (this.#failure !== undefined) throw this.#failure;
      if (performance.now() > deadline) throw new Error(`${rows()} of ${expected} rows after two minutes`);
      await sleep(2);
    }
  }

  leave(): void {
    for (const socket of this.#sockets) socket.terminate();
  }
}
