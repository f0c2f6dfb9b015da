import assert from 'node:assert/strict';
import { it } from 'node:test';
import { openLocal } from '../../../test/support/local-storage.ts';
import { nextTurn } from '../../base/async.ts';
import { silentLogger } from '../../base/logger.ts';
import type { PartitionLog } from '../../log/partition-log.ts';
import { CoordinatorPartitions } from '../coordinator-partitions.ts';
import type { ShareCalls } from './share-calls.ts';
import { shareCodec } from './share-codec.ts';
import { ShareCoordinator } from './share-coordinator.ts';
import type { ShareEntry } from './share-entries.ts';
import { ShareMachine } from './share-machine.ts';

it('share state is written anew when much has changed, and what led to it goes', async () => {
  const { topics, registry, clock, close } = await openLocal();
  await topics.create({ name: 'state', partitionCount: 1 });
  const log = registry.partitionLog('state', 0) as PartitionLog;
  const open = async () => {
    const partitions = await CoordinatorPartitions.open<ShareMachine, ShareCalls, ShareEntry>({
      ...{ topic: 'state', logs: [log], codec: shareCodec, clock, logger: silentLogger },
      createMachine: () => new ShareMachine(() => ({ maxDeliveryCount: 5, updatesPerSnapshot: 500 })),
    });
    return new ShareCoordinator(partitions, silentLogger, 10);
  };
  const shares = await open();
  const keys = Array.from({ length: 60 }, (_, partition) => ({
    groupId: 'g',
    topicId: 'ab'.repeat(16),
    partition,
  }));
  for (const key of keys) await shares.call('begin', { key, startOffset: key.partition, leaderEpoch: 0 });
  for (let offset = 0; offset < 200; offset++) {
    const key = keys[0]!;
    await shares.call('acquire', {
      ...{ key, memberId: 'm', fetchOffset: offset, nextOffset: offset + 1, logStartOffset: 0, lockMs: 1000 },
      ...{ maxRecords: 1, batchSize: 1, maxRecordLocks: 100 },
      batches: [{ firstOffset: offset, lastOffset: offset, isAborted: false }],
    });
    const acknowledgements = [{ firstOffset: offset, lastOffset: offset, types: [1] }];
    const { error } = await shares.call('acknowledge', { key, memberId: 'm', acknowledgements });
    assert.equal(error, 'NONE');
  }
  for (let turn = 0; turn < 20; turn++) await nextTurn();
  assert.ok(
    log.endOffset - log.logStartOffset < 260,
    `${log.endOffset - log.logStartOffset} records are left`,
  );
  shares.close();

  const again = await open();
  assert.deepEqual(
    keys.map((key) => again.find(key)?.startOffset),
    keys.map(({ partition }) => (partition === 0 ? 200 : partition)),
  );
  again.close();
  await close();
});
