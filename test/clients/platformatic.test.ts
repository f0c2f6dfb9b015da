import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  Admin,
  Consumer,
  MessagesStreamModes,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka';
import { serverForTest } from '../support/server.ts';

describe('@platformatic/kafka', () => {
  for (const compression of ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const) {
    it(`produces and consumes with ${compression}`, async (t) => {
      const server = await serverForTest(t);
      const common = { clientId: 'test', bootstrapBrokers: [server.kafka], retries: 3 };
      const admin = new Admin(common);
      await admin.createTopics({ topics: ['events'], partitions: 2, replicas: 1 });
      await admin.close();

      const producer = new Producer({
        ...common,
        serializers: stringSerializers,
        idempotent: true,
        acks: -1,
      });
      const messages = Array.from({ length: 100 }, (_, n) => ({
        topic: 'events',
        key: `k${n}`,
        value: `v${n}`,
        headers: { n: `${n}` },
      }));
      const sent = await producer.send({ messages, compression });
      assert.ok(sent.offsets && sent.offsets.length > 0);
      await producer.close();

      const consumer = new Consumer({
        ...common,
        groupId: `g-${compression}`,
        deserializers: stringDeserializers,
      });
      const stream = await consumer.consume({
        topics: ['events'],
        mode: MessagesStreamModes.EARLIEST,
        autocommit: true,
        maxWaitTime: 200,
      });
      const values = new Map<string, string>();
      for await (const message of stream) {
        values.set(message.key as string, message.value as string);
        assert.equal(message.headers.get('n'), (message.key as string).slice(1));
        if (values.size === messages.length) break;
      }
      await stream.close();
      await consumer.close(true);
      assert.deepEqual(
        [...values].sort(),
        messages.map(({ key, value }): [string, string] => [key, value]).sort(),
      );
    });
  }
});
