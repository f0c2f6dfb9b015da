// What kafkajs sees of a broker.  kafkajs-client.ts HOST:PORT
import { CompressionTypes, Kafka, logLevel } from 'kafkajs';
import { show } from './seen.ts';

const kafka = new Kafka({
  clientId: 'kafkajs',
  brokers: [process.argv[2] as string],
  logLevel: logLevel.NOTHING,
});
const admin = kafka.admin();
const topic = 'kafkajs';
/** ConfigResourceTypes.TOPIC, which the module does not export by name. */
const TOPIC_RESOURCE = 2;

async function produce(compression: CompressionTypes, values: readonly string[]): Promise<unknown> {
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const messages = values.map((value) => ({ key: 'k', value, partition: 0, headers: { h: 'x' } }));
  const sent = await producer.send({ topic, messages, compression });
  await producer.disconnect();
  return sent.map(({ partition, baseOffset, errorCode }) => ({ partition, baseOffset, errorCode }));
}

async function consume(count: number): Promise<unknown> {
  const consumer = kafka.consumer({ groupId: 'kafkajs-group', maxWaitTimeInMs: 200 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const values: string[] = [];
  let done: () => void = () => {};
  const enough = new Promise<void>((resolve) => {
    done = resolve;
  });
  await consumer.run({
    autoCommitThreshold: 1,
    eachMessage: async ({ message }) => {
      values.push(`${message.offset} ${message.key} ${message.value} ${message.headers?.h}`);
      if (values.length === count) done();
    },
  });
  await enough;
  const [group] = (await admin.describeGroups(['kafkajs-group'])).groups;
  await consumer.disconnect();
  const committed = await admin.fetchOffsets({ groupId: 'kafkajs-group', topics: [topic] });
  return {
    values,
    state: group?.state,
    protocol: group?.protocol,
    members: group?.members.length,
    committed,
  };
}

/** Apache Kafka ends a transaction after it has answered, and refuses the next until then; kafkajs does not ask again. */
async function afterTheOneBefore(act: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await act();
      return;
    } catch (error) {
      if ((error as { type?: string }).type !== 'CONCURRENT_TRANSACTIONS' || attempt === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function transactions(): Promise<unknown> {
  const producer = kafka.producer({
    transactionalId: 'kafkajs-tx',
    maxInFlightRequests: 1,
    idempotent: true,
  });
  await producer.connect();
  for (const [n, end] of (['commit', 'abort', 'commit'] as const).entries()) {
    const transaction = await producer.transaction();
    await afterTheOneBefore(() => transaction.send({ topic, messages: [{ value: `t${n}`, partition: 1 }] }));
    await transaction[end]();
  }
  const transaction = await producer.transaction();
  const topics = [{ topic, partitions: [{ partition: 0, offset: '2' }] }];
  await afterTheOneBefore(() => transaction.sendOffsets({ consumerGroupId: 'kafkajs-group', topics }));
  await transaction.commit();
  await producer.disconnect();
  return admin.fetchOffsets({ groupId: 'kafkajs-group', topics: [topic] });
}

/**
 * kafkajs ends a consumer for good when its group has no coordinator yet, as right after a start of Apache Kafka; groups
 * of their own show when there is one.
 */
async function awaitCoordinators(): Promise<void> {
  for (let attempt = 1; attempt <= 10; attempt++) {
    const consumer = kafka.consumer({ groupId: `warm-up-${attempt}`, maxWaitTimeInMs: 200 });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const isTaken = new Promise<boolean>((resolve) => {
      setTimeout(() => resolve(false), 5_000).unref();
      consumer.run({ eachMessage: async () => resolve(true) }).catch(() => resolve(false));
    });
    const taken = await isTaken;
    await consumer.disconnect();
    if (taken) return;
  }
  throw new Error('no group of this broker gets a record');
}

await admin.connect();
await show('create', () =>
  admin.createTopics({
    topics: [
      { topic, numPartitions: 2, configEntries: [{ name: 'retention.ms', value: '60000' }] },
      { topic: `${topic}-second` },
    ],
  }),
);
await show('create again', () => admin.createTopics({ topics: [{ topic }] }));
await show('create wrongly', () => admin.createTopics({ topics: [{ topic: 'bad/name' }] }));
await show('grow', () => admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] }));
await show('shrink', () => admin.createPartitions({ topicPartitions: [{ topic, count: 1 }] }));
await show('metadata', async () => {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  return topics.map(({ partitions }) => partitions.sort((a, b) => a.partitionId - b.partitionId));
});
await show('configs', async () => {
  const resources = [{ type: TOPIC_RESOURCE, name: topic, configNames: ['retention.ms', 'no.such'] }];
  return (await admin.describeConfigs({ resources, includeSynonyms: true })).resources;
});
await show('alter configs', async () => {
  const configEntries = [{ name: 'flush.ms', value: '1000' }];
  const resources = [{ type: TOPIC_RESOURCE, name: topic, configEntries }];
  return (await admin.alterConfigs({ validateOnly: false, resources })).resources;
});
await show('produce plain', () => produce(CompressionTypes.None, ['a', 'b']));
await show('produce gzip', () => produce(CompressionTypes.GZIP, ['c', 'd']));
await awaitCoordinators();
await show('consume', () => consume(4));
await show('transactions', transactions);
await show('offsets', async () =>
  (await admin.fetchTopicOffsets(topic)).sort((a, b) => a.partition - b.partition),
);
await show('offsets by time', async () =>
  (await admin.fetchTopicOffsetsByTimestamp(topic, 1)).sort((a, b) => a.partition - b.partition),
);
await show('delete records', () =>
  admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '1' }] }),
);
await show('reset', () => admin.resetOffsets({ groupId: 'kafkajs-group', topic, earliest: true }));
await show('groups', async () =>
  (await admin.listGroups()).groups.filter(({ groupId }) => groupId.startsWith('kafkajs')),
);
await show('cluster', async () => {
  const { brokers, controller } = await admin.describeCluster();
  return { brokers: brokers.map(({ nodeId }) => nodeId), controller };
});
await show('reassignments', () => admin.listPartitionReassignments({}));
await show('acls', () =>
  admin.describeAcls({ resourceType: 1, resourcePatternType: 1, operation: 1, permissionType: 1 }),
);
await show('delete group', () => admin.deleteGroups(['kafkajs-group']));
await show('delete group again', () => admin.deleteGroups(['kafkajs-group']));
await show('delete', () => admin.deleteTopics({ topics: [topic, `${topic}-second`] }));
await admin.disconnect();
// A consumer that was given up keeps the process alive.
process.exit();
