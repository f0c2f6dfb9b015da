import assert from 'node:assert/strict';
import { it } from 'node:test';
import { describeTopicsContract } from '../../test/contract/topics-contract.ts';
import { openLocal } from '../../test/support/local-storage.ts';

describeTopicsContract('in process', () => openLocal());
describeTopicsContract('in process, coordinators of several partitions', () =>
  openLocal({ config: { 'offsets.topic.num.partitions': '5', 'transaction.state.log.num.partitions': '3' } }),
);

it('the topics the broker lives on cannot be deleted', async () => {
  const { topics, close } = await openLocal();
  for (const name of [
    '__millrace_metadata',
    '__consumer_offsets',
    '__transaction_state',
    '__share_group_state',
  ])
    await assert.rejects(topics.delete(name), /belongs to the broker itself/);
  await close();
});

it('what is kept of passwords is read by nobody else', async () => {
  const { topics, close } = await openLocal();
  const read = topics.read({ topic: '__millrace_metadata', partition: 0 }, 0, {
    maxBytes: 1000,
    isolation: 'read_uncommitted',
  });
  await assert.rejects(read, /Only the broker itself reads __millrace_metadata/);
  await close();
});
