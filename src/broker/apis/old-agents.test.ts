import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { after, before, describe, it } from 'node:test';
import { RawClient } from '../../../test/support/raw-client.ts';
import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { MemoryFileSystem } from '../../base/memory-fs.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { clientBatch } from '../../log/log-fixture.ts';
import { errorCode } from '../../protocol/errors.ts';
import { toMessageSet } from '../../record/message-set.ts';
import { Broker } from '../broker.ts';

let broker: Broker;
let client: RawClient;

const start = (config: Record<string, string>) =>
  Broker.start({
    fs: new MemoryFileSystem(),
    dataDir: '/data',
    clock: systemClock,
    random: new SeededRandom(3),
    logger: silentLogger,
    listen: { host: '127.0.0.1', port: 0 },
    config,
  });

before(async () => {
  broker = await start({ 'kafka.old.versions.enable': 'true' });
  client = await RawClient.connect(Number(broker.address.split(':')[1]));
});
after(async () => {
  client.close();
  await broker.stop();
});

const records = async (version: number, fetchOffset: number) => {
  const partitions = [{ partition: 0, fetchOffset, partitionMaxBytes: 100_000 }];
  const request = { maxWaitMs: 0, minBytes: 1, topics: [{ topic: 'old', partitions }] };
  const { responses } = await client.request('Fetch', version, request);
  return responses[0]!.partitions[0]!.records!;
};

describe('agents from before Kafka 2.1', () => {
  it('create a topic, write to it and read from it, in each of their versions', async () => {
    const topics = [{ name: 'old', numPartitions: 1, replicationFactor: 1 }];
    const created = await client.request('CreateTopics', 0, { topics, timeoutMs: 1000 });
    assert.equal(created.topics[0]!.errorCode, 0);
    for (const version of [0, 1, 2]) {
      const messages = toMessageSet(clientBatch(`v${version}`), version < 2 ? 0 : 1, 0);
      const topicData = [{ name: 'old', partitionData: [{ index: 0, records: messages }] }];
      const { responses } = await client.request('Produce', version, { acks: 1, timeoutMs: 1000, topicData });
      const { errorCode: error, baseOffset } = responses[0]!.partitionResponses[0]!;
      assert.deepEqual([error, baseOffset], [0, version]);
    }
    for (const version of [0, 1, 2, 3]) {
      const set = await records(version, 1);
      const text = set.toString('latin1');
      assert.ok(!text.includes('v0') && text.includes('v1') && text.includes('v2'), `version ${version}`);
      assert.equal(set[16], version < 2 ? 0 : 1);
      assert.equal(set.readBigInt64BE(0), 1n);
    }
    assert.equal((await records(4, 0))[16], 2);
  });

  it('are told when a message is damaged', async () => {
    const messages = Buffer.from(toMessageSet(clientBatch('x'), 0, 0));
    messages[messages.length - 1]! ^= 1;
    const topicData = [{ name: 'old', partitionData: [{ index: 0, records: messages }] }];
    const { responses } = await client.request('Produce', 0, { acks: 1, timeoutMs: 1000, topicData });
    assert.equal(responses[0]!.partitionResponses[0]!.errorCode, errorCode('CORRUPT_MESSAGE'));
  });

  it('find offsets, keep theirs, and look at configurations', async () => {
    const offsets = async (timestamp: number, maxNumOffsets: number) => {
      const partitions = [{ partitionIndex: 0, timestamp, maxNumOffsets }];
      const { topics } = await client.request('ListOffsets', 0, { topics: [{ name: 'old', partitions }] });
      return (topics[0]!.partitions[0] as unknown as { oldStyleOffsets: number[] }).oldStyleOffsets;
    };
    assert.deepEqual(await offsets(-1, 1), [3]);
    assert.deepEqual(await offsets(-1, 10), [3, 0]);
    assert.deepEqual(await offsets(-2, 10), [0]);
    for (const version of [0, 1]) {
      const topics = [
        { name: 'old', partitions: [{ partitionIndex: 0, committedOffset: 2, committedMetadata: '' }] },
      ];
      await client.request('OffsetCommit', version, { groupId: `g${version}`, topics });
      const asked = [{ name: 'old', partitionIndexes: [0] }];
      const kept = await client.request('OffsetFetch', 0, { groupId: `g${version}`, topics: asked });
      assert.equal(kept.topics[0]!.partitions[0]!.committedOffset, 2);
    }
    const resources = [{ resourceType: 2, resourceName: 'old', configurationKeys: ['retention.ms'] }];
    const described = await client.request('DescribeConfigs', 0, { resources });
    const [config] = described.results[0]!.configs;
    assert.equal((config as unknown as { isDefault: boolean }).isDefault, true);
    const deleted = await client.request('DeleteTopics', 0, { topicNames: ['old'], timeoutMs: 1000 });
    assert.equal(deleted.responses[0]!.errorCode, 0);
  });

  it('are not served unless it is asked for', async () => {
    const plain = await start({});
    const other = await RawClient.connect(Number(plain.address.split(':')[1]));
    other.send('Fetch', 3, { topics: [] });
    await other.closed;
    await plain.stop();
  });
});
