// What @platformatic/kafka sees of a broker.  platformatic-client.ts HOST:PORT
import {
  Admin,
  Consumer,
  MessagesStreamModes,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka';
import { show } from './seen.ts';

const common = { clientId: 'platformatic', bootstrapBrokers: [process.argv[2] as string], retries: 2 };
const admin = new Admin(common);
const topic = 'platformatic';

async function produce(compression: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'): Promise<unknown> {
  const producer = new Producer({ ...common, serializers: stringSerializers, idempotent: true, acks: -1 });
  const messages = Array.from({ length: 10 }, (_, n) => ({
    topic,
    partition: 0,
    key: 'k',
    value: `${compression} ${n}`,
    headers: { h: 'x' },
  }));
  const sent = await producer.send({ messages, compression });
  await producer.close();
  return sent.offsets?.map(({ offset, partition }) => ({ offset: `${offset}`, partition }));
}

async function consume(groupProtocol: 'classic' | 'consumer', count: number): Promise<unknown> {
  const groupId = `platformatic-${groupProtocol}`;
  const consumer = new Consumer({ ...common, groupId, groupProtocol, deserializers: stringDeserializers });
  const mode = MessagesStreamModes.EARLIEST;
  const stream = await consumer.consume({ topics: [topic], mode, autocommit: false, maxWaitTime: 200 });
  const values: string[] = [];
  for await (const message of stream) {
    values.push(`${message.offset} ${message.key} ${message.value} ${message.headers.get('h')}`);
    if (values.length === count) break;
  }
  await consumer.commit({ offsets: [{ topic, partition: 0, offset: BigInt(count), leaderEpoch: 0 }] });
  const committed = await consumer.listCommittedOffsets({ topics: [{ topic, partitions: [0, 1] }] });
  await stream.close();
  await consumer.close(true);
  return { values, committed: [...committed].map(([name, offsets]) => [name, offsets.map(String)]) };
}

await show('create', async () => {
  const created = await admin.createTopics({ topics: [topic], partitions: 2, replicas: 1 });
  return created.map(({ name, partitions, replicas }) => ({ name, partitions, replicas }));
});
await show('create again', () => admin.createTopics({ topics: [topic], partitions: 2, replicas: 1 }));
for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)
  await show(`produce ${codec}`, () => produce(codec));
for (const protocol of ['classic', 'consumer'] as const)
  await show(`consume ${protocol}`, () => consume(protocol, 50));
await show('groups', async () =>
  [...(await admin.listGroups())]
    .filter(([id]) => id.startsWith('platformatic'))
    .map(([id, group]) => [id, group.state, group.groupType, group.protocolType])
    .sort(),
);
await show('delete groups', () =>
  admin.deleteGroups({ groups: ['platformatic-classic', 'platformatic-consumer'] }),
);
await show('delete', () => admin.deleteTopics({ topics: [topic] }));
await show('delete again', () => admin.deleteTopics({ topics: ['platformatic-none'] }));
await admin.close();
