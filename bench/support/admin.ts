import { Admin, Producer } from '@platformatic/kafka';
import type { Broker } from './brokers.ts';

async function withAdmin<T>({ bootstrap }: Broker, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new Admin({ clientId: 'bench', bootstrapBrokers: [bootstrap], timeout: 120_000, retries: 3 });
  try {
    return await work(admin);
  } finally {
    await admin.close();
  }
}

export async function createTopic(
  broker: Broker,
  topic: string,
  partitions: number,
  config: Readonly<Record<string, string>> = {},
): Promise<void> {
  const configs = Object.entries(config).map(([name, value]) => ({ name, value }));
  await withAdmin(broker, (admin) =>
    admin.createTopics({ topics: [topic], partitions, replicas: 1, configs }),
  );
}

export async function deleteTopics(broker: Broker, chosen: (topic: string) => boolean): Promise<void> {
  await withAdmin(broker, async (admin) => {
    const topics = (await admin.listTopics()).filter(chosen);
    if (topics.length > 0) await admin.deleteTopics({ topics });
  });
}

export async function createTopics(broker: Broker, topics: readonly string[]): Promise<void> {
  await withAdmin(broker, (admin) => admin.createTopics({ topics: [...topics], partitions: 1, replicas: 1 }));
}

/** Resolves when a small record of each topic is acknowledged (acks=all), from a client that knew nothing before. */
export async function sendOne({ bootstrap }: Broker, ...topics: readonly string[]): Promise<void> {
  const producer = new Producer({
    clientId: 'bench',
    bootstrapBrokers: [bootstrap],
    // A broker that listens may not be ready to answer yet: ask again at once.
    retries: 1_000,
    retryDelay: 20,
    timeout: 60_000,
  });
  try {
    const messages = topics.map((topic) => ({ topic, partition: 0, value: Buffer.from('x') }));
    await producer.send({ messages, acks: -1 });
  } finally {
    await producer.close();
  }
}
