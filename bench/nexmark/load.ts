import { Kafka, logLevel } from 'kafkajs';
import type { Broker } from '../support/brokers.ts';
import { nexmarkEvent, type Topic } from './events.ts';
import { longKey } from './long-key.ts';
import { SIDE_ROWS } from './query.ts';

/** Auctions take half a kilobyte each: below the megabyte that a batch may have. */
const BATCH_RECORDS = 1_000;
/** The events are older than what brokers keep. */
const KEPT = [{ name: 'retention.ms', value: '-1' }];

interface Message {
  readonly key: Buffer | null;
  readonly value: string;
  readonly timestamp: string;
}

/** Into one partition each, in the order of their numbers; answers with how many records each topic has. */
export async function load(broker: Broker, events: number): Promise<Readonly<Record<Topic, number>>> {
  const kafka = new Kafka({ brokers: [broker.bootstrap], logLevel: logLevel.NOTHING });
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
  const counts = { person: 0, auction: 0, bid: 0 };
  for (let n = 0; n < events; n++) {
    const { topic, key, value, timestampMs } = nexmarkEvent(n);
    counts[topic]++;
    await add(topic, {
      key: key === null ? null : longKey(key),
      value: JSON.stringify(value),
      timestamp: String(timestampMs),
    });
  }
  for (const [topic, messages] of waiting) if (messages.length > 0) await producer.send({ topic, messages });
  await Promise.all([admin.disconnect(), producer.disconnect()]);
  return counts;
}
