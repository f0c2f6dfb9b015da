// Those queries of Nexmark that the dialect can say, from log to log, each result compared with DuckDB's.
import { Kafka, logLevel } from 'kafkajs';
import { type Bench, say } from '../support/bench.ts';
import { type Millrace, startMillrace } from '../support/brokers.ts';
import { caughtUp, pullObjects, statement } from '../support/ksql.ts';
import { watchUsage } from '../support/machine.ts';
import { type ResultRow, resultRow } from '../support/results.ts';
import type { Measured } from '../support/statistics.ts';
import { nexmarkEvent, type Topic } from './events.ts';
import { longKey } from './long-key.ts';
import { DECLARATIONS, NEXMARK_QUERIES, type NexmarkQuery, SIDE_ROWS } from './queries.ts';
import { comparable, openReference, type Reference } from './reference.ts';

const BATCH_RECORDS = 2_000;
/** The events are older than what brokers keep. */
const KEPT = [{ name: 'retention.ms', value: '-1' }];

export const nexmark: Bench = async (options) => {
  // They take more work each than those of the other pipelines.
  const events = Math.ceil(options.events / 4);
  const rounds = options.effort === 'full' ? options.rounds : 1;
  const server = await startMillrace();
  const reference = await openReference(events);
  try {
    say(`loading ${events} events`);
    await load(server, events);
    await statement(server, DECLARATIONS);
    const rows: ResultRow[] = [];
    for (const query of NEXMARK_QUERIES) {
      const ours: Measured[] = [];
      for (let round = 1; round <= rounds; round++) {
        say(`${query.name}, round ${round} of ${rounds}`);
        ours.push(await run(server, query, events, round === rounds ? reference : undefined));
      }
      rows.push(rowOf(query, events, ours));
    }
    return rows;
  } finally {
    reference.close();
    await server.stop();
  }
};

function rowOf({ name, title, note }: NexmarkQuery, events: number, ours: readonly Measured[]): ResultRow {
  const settings = { events, partitions: 1, guarantee: 'exactly_once_v2', 'compared with': 'DuckDB' };
  return resultRow({
    bench: 'nexmark',
    name: `${name}, ${title}`,
    unit: 'events/s',
    better: 'higher',
    settings: { ...settings, ...(note && { [name]: note }) },
    ours,
  });
}

/** From the statements until everything is committed; people, auctions and bids all count, as in the public benchmark. */
async function run(
  server: Millrace,
  query: NexmarkQuery,
  events: number,
  reference: Reference | undefined,
): Promise<Measured> {
  const usage = watchUsage(server.pid);
  const begun = performance.now();
  let reads: string = query.reads;
  for (const text of query.statements) {
    const id = await statement(server, text);
    await caughtUp(server, [id], reads);
    reads = sinkOf(text);
  }
  const seconds = (performance.now() - begun) / 1000;
  const measured = { value: events / seconds, work: events, processes: { server: usage() } };
  if (reference) await check(server, query, reference);
  for (const text of query.statements.toReversed())
    await statement(
      server,
      `DROP ${text.startsWith('CREATE TABLE') ? 'TABLE' : 'STREAM'} ${sinkOf(text)} DELETE TOPIC;`,
    );
  return measured;
}

function sinkOf(text: string): string {
  const [, name = ''] = /^CREATE (?:STREAM|TABLE) (\w+)/.exec(text) ?? [];
  return name.toUpperCase();
}

async function check(server: Millrace, { name, reference }: NexmarkQuery, answers: Reference): Promise<void> {
  const found = comparable(await pullObjects(server, `SELECT * FROM ${name};`));
  const expected = await answers.rows(reference);
  if (found.length !== expected.length)
    throw new Error(`${name} has ${found.length} rows, DuckDB ${expected.length}`);
  const at = found.findIndex((row, index) => row !== expected[index]);
  if (at >= 0) throw new Error(`${name} is not what DuckDB says: ${found[at]} for ${expected[at]}`);
}

interface Message {
  readonly key: Buffer | null;
  readonly value: string;
  readonly timestamp: string;
}

/** Into one partition each, in the order of their numbers. */
async function load(server: Millrace, events: number): Promise<void> {
  const kafka = new Kafka({ brokers: [server.bootstrap], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  const producer = kafka.producer();
  await Promise.all([admin.connect(), producer.connect()]);
  const topics = ['person', 'auction', 'bid', 'side_input'];
  await admin.createTopics({
    topics: topics.map((topic) => ({ topic, numPartitions: 1, configEntries: KEPT })),
  });
  const waiting = new Map<string, Message[]>();
  const add = async (topic: Topic | 'side_input', message: Message) => {
    const messages = waiting.get(topic) ?? [];
    waiting.set(topic, messages);
    messages.push(message);
    if (messages.length >= BATCH_RECORDS) await producer.send({ topic, messages: messages.splice(0) });
  };
  for (let id = 0; id < SIDE_ROWS; id++)
    await add('side_input', { key: longKey(id), value: `{"VALUE":"value ${id}"}`, timestamp: '0' });
  for (let n = 0; n < events; n++) {
    const { topic, key, value, timestampMs } = nexmarkEvent(n);
    await add(topic, {
      key: key === null ? null : longKey(key),
      value: JSON.stringify(value),
      timestamp: String(timestampMs),
    });
  }
  for (const [topic, messages] of waiting) if (messages.length > 0) await producer.send({ topic, messages });
  await Promise.all([admin.disconnect(), producer.disconnect()]);
}
