import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { CompressionTypes, Kafka, logLevel } from 'kafkajs';
import { afterTest } from '../support/after-test.ts';
import { eventually, serverForTest, startServer, temporaryFolder } from '../support/server.ts';

function client(kafka: string): Kafka {
  return new Kafka({ clientId: 'test', brokers: [kafka], logLevel: logLevel.NOTHING, retry: { retries: 8 } });
}

async function produce(
  kafka: Kafka,
  topic: string,
  values: readonly string[],
  partition?: number,
): Promise<void> {
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  await producer.send({
    topic,
    messages: values.map((value) => ({
      key: value,
      value,
      headers: { h: 'x' },
      ...(partition === undefined ? {} : { partition }),
    })),
  });
  await producer.disconnect();
}

/** Joins the group and collects values until it is stopped. */
async function member(t: TestContext, kafka: Kafka, groupId: string, topic: string) {
  const consumer = kafka.consumer({
    groupId,
    sessionTimeout: 10_000,
    heartbeatInterval: 100,
    maxWaitTimeInMs: 200,
  });
  const values: string[] = [];
  const partitions = new Set<number>();
  const joins: number[] = [];
  consumer.on('consumer.group_join', (event) => {
    joins.push(event.payload.memberAssignment[topic]?.length ?? 0);
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommitInterval: 100,
    eachMessage: async ({ message, partition }) => {
      values.push(String(message.value));
      partitions.add(partition);
    },
  });
  const leave = () => consumer.disconnect();
  afterTest(t, leave);
  return { values, partitions, joins, leave };
}

describe('kafkajs', () => {
  it('creates, lists, describes and deletes topics', async (t) => {
    const server = await serverForTest(t);
    const admin = client(server.kafka).admin();
    await admin.connect();
    afterTest(t, () => admin.disconnect());
    assert.equal(await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 3 }] }), true);
    assert.equal(await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 3 }] }), false);
    assert.ok((await admin.listTopics()).includes('orders'));
    const { topics } = await admin.fetchTopicMetadata({ topics: ['orders'] });
    assert.deepEqual(topics[0]?.partitions.map((p) => p.partitionId).sort(), [0, 1, 2]);
    await admin.createPartitions({ topicPartitions: [{ topic: 'orders', count: 5 }] });
    assert.equal((await admin.fetchTopicOffsets('orders')).length, 5);
    await admin.deleteTopics({ topics: ['orders'] });
    assert.ok(!(await admin.listTopics()).includes('orders'));
  });

  for (const compression of [CompressionTypes.None, CompressionTypes.GZIP]) {
    it(`produces and consumes with codec ${compression}`, async (t) => {
      const server = await serverForTest(t);
      const kafka = client(server.kafka);
      const producer = kafka.producer();
      await producer.connect();
      const sent = Array.from({ length: 200 }, (_, n) => `value-${n}`);
      const [answer] = await producer.send({
        topic: 'made-on-demand',
        compression,
        messages: sent.map((value) => ({ value })),
      });
      assert.equal(answer?.baseOffset, '0');
      await producer.disconnect();
      const reader = await member(t, kafka, 'readers', 'made-on-demand');
      await eventually('all values', () => (reader.values.length >= sent.length ? true : undefined));
      assert.deepEqual(reader.values, sent);
    });
  }

  it('shares partitions among the members of a group and takes over from one that leaves', async (t) => {
    const server = await serverForTest(t);
    const kafka = client(server.kafka);
    const admin = kafka.admin();
    await admin.connect();
    afterTest(t, () => admin.disconnect());
    await admin.createTopics({ topics: [{ topic: 'shared', numPartitions: 4 }] });
    const first = await member(t, kafka, 'team', 'shared');
    const second = await member(t, kafka, 'team', 'shared');
    await eventually('two partitions each', () =>
      first.joins.at(-1) === 2 && second.joins.at(-1) === 2 ? true : undefined,
    );
    for (let partition = 0; partition < 4; partition++)
      await produce(kafka, 'shared', [`p${partition}`], partition);
    await eventually('four values', () =>
      first.values.length + second.values.length === 4 ? true : undefined,
    );
    assert.deepEqual([...first.values, ...second.values].sort(), ['p0', 'p1', 'p2', 'p3']);
    await second.leave();
    await eventually('four partitions', () => (first.joins.at(-1) === 4 ? true : undefined));
    await produce(kafka, 'shared', ['again'], 3);
    await eventually('the value of the partition taken over', () =>
      first.values.includes('again') ? true : undefined,
    );
  });

  it('goes on at the committed offset after the server restarted', async (t) => {
    const data = await temporaryFolder(t);
    let server = await startServer({ data });
    const address = server.kafka;
    const kafka = client(address);
    await produce(kafka, 'steps', ['one', 'two']);
    const before = await member(t, kafka, 'walker', 'steps');
    await eventually('two values', () => (before.values.length === 2 ? true : undefined));
    await before.leave();
    assert.equal(await server.stop(), 0);
    server = await startServer({ data, kafka: address });
    afterTest(t, () => server.stop());
    await produce(kafka, 'steps', ['three']);
    const after = await member(t, kafka, 'walker', 'steps');
    await eventually('the third value', () => (after.values.length > 0 ? true : undefined));
    assert.deepEqual(after.values, ['three']);
  });
});
