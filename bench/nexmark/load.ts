import { Kafka, logLevel, type Producer } from 'kafkajs';
import type { Broker } from '../support/brokers.ts';
import { nexmarkEvent, type Topic } from './events.ts';
import { longKey } from './long-key.ts';
import { SIDE_ROWS } from './query.ts';

/** Auctions take half a kilobyte each: below the megabyte that a batch may have. */
const BATCH_RECORDS = 1_000;
/** The events are older than what brokers keep. */
const KEPT = [{ name: 'retention.ms', value: '-1' }];
const TOPICS = ['person', 'auction', 'bid', 'side_input'] as const;

interface Message {
  readonly key: Buffer | null;
  readonly value: string;
  readonly timestamp: string;
}

interface Batch {
  readonly topic: (typeof TOPICS)[number];
  readonly messages: Message[];
}

/**
 * Into one partition each, in the order of their numbers, to all brokers at once: making the events takes longer than
 * writing them. Answers with how many records each topic has.
 */
export async function load(
  brokers: readonly Broker[],
  events: number,
): Promise<Readonly<Record<Topic, number>>> {
  const producers = await Promise.all(brokers.map(opened));
  const counts = { person: 0, auction: 0, bid: 0, side_input: 0 };
  for (const batch of batches(events)) {
    counts[batch.topic] += batch.messages.length;
    await Promise.all(producers.map((producer) => producer.send(batch)));
  }
  await Promise.all(producers.map((producer) => producer.disconnect()));
  return counts;
}

async function opened({ bootstrap }: Broker): Promise<Producer> {
  const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  const producer = kafka.producer();
  await Promise.all([admin.connect(), producer.connect()]);
  await admin.createTopics({
    topics: TOPICS.map((topic) => ({ topic, numPartitions: 1, configEntries: KEPT })),
  });
  await admin.disconnect();
  return producer;
}

function* batches(events: number): Iterable<Batch> {
  const waiting = new Map<Batch['topic'], Message[]>();
  for (const { topic, ...message } of messages(events)) {
    const some = waiting.get(topic) ?? [];
    waiting.set(topic, some);
    some.push(message);
    if (some.length >= BATCH_RECORDS) yield { topic, messages: some.splice(0) };
  }
  for (const [topic, some] of waiting) if (some.length > 0) yield { topic, messages: some };
}

function* messages(events: number): Iterable<Message & Pick<Batch, 'topic'>> {
  for (let id = 0; id < SIDE_ROWS; id++)
    yield { topic: 'side_input', key: longKey(id), value: `{"VALUE":"value ${id}"}`, timestamp: '0' };
  for (let n = 0; n < events; n++) {
    const { topic, key, value, timestampMs } = nexmarkEvent(n);
    yield {
      topic,
      key: key === null ? null : longKey(key),
      value: JSON.stringify(value),
      timestamp: String(timestampMs),
    };
  }
}
