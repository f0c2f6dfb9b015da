import assert from 'node:assert/strict';
import { it } from 'node:test';
import { openLocal } from '../../test/support/local-storage.ts';
import { BatchBuilder, sealBatch } from '../record/batch-builder.ts';

it('silent producers are forgotten after producer.id.expiration.ms', async () => {
  for (const [expirationMs, remembered] of [
    ['1000', 0],
    ['10000', 1],
  ] as const) {
    const { clock, storage, topics, registry, close } = await openLocal({
      config: { 'producer.id.expiration.ms': expirationMs },
    });
    await topics.create({ name: 't', partitionCount: 1 });
    const log = registry.partitionLog('t', 0)!;
    const builder = new BatchBuilder();
    builder.append(clock.nowMs(), null, Buffer.from('x'));
    const batch = builder.build();
    sealBatch(batch, { producerId: 7, producerEpoch: 0, baseSequence: 0 });
    await log.append(batch, { origin: 'client' }).durable;
    await clock.advance(5000);
    await storage.store.runRetention();
    assert.equal(log.producers().length, remembered);
    await close();
  }
});
