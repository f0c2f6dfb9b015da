import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../base/virtual-clock.ts';
import type { SqlService } from '../engine/service/sql-service.ts';
import { MemoryTopics } from '../testing/memory-topics.ts';
import { TopicError, type TopicPartition } from '../topics/topics.ts';
import { OverviewReader } from './overview.ts';

test('a partition whose log is offline, or gone meanwhile, does not hide the others', async () => {
  class DamagedTopics extends MemoryTopics {
    override async offsets(partition: TopicPartition) {
      if (partition.partition === 1) throw new TopicError('KAFKA_STORAGE_ERROR', 'offline');
      return super.offsets(partition);
    }
  }
  const topics = new DamagedTopics();
  await topics.create({ name: 't', partitionCount: 3 });
  const sql = { persistentQueries: () => [] } as unknown as SqlService;
  const facts = {
    version: '1',
    startedMs: -7,
    kafkaAddress: 'k',
    httpAddress: () => 'h',
    registryAddress: '',
    groups: () => [],
    connections: () => 0,
  };
  const { topics: shown, uptimeMs } = await new OverviewReader(topics, sql, facts, new VirtualClock()).read();
  assert.equal(uptimeMs, 7);
  assert.deepEqual(
    shown.map(({ name, partitions }) => [name, partitions.map(({ partition }) => partition)]),
    [['t', [0, 2]]],
  );
});
