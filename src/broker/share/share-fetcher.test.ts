// Members that fetch at the same time, and wait without an end: only being woken lets them go on.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openLocal } from '../../../test/support/local-storage.ts';
import { batchOf } from '../../../test/support/records.ts';
import { randomInt } from '../../base/random.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { ShareFetcher } from './share-fetcher.ts';
import type { ShareFetchConfig } from './share-settings.ts';

const LOCK_MS = 1000;
const FOREVER_MS = 1e12;
const [ACCEPT, RELEASE] = [1, 2];

const CONFIG: ShareFetchConfig = {
  ...{ lockMs: LOCK_MS, maxRecordLocks: 2000, isolation: 'read_uncommitted', reset: 'earliest' },
};

async function setUp(partitionCount: number, config: Partial<ShareFetchConfig> = {}) {
  const local = await openLocal({ config: { 'group.share.delivery.count.limit': '10' } });
  const { topicId } = await local.topics.create({ name: 't', partitionCount });
  const places = Array.from({ length: partitionCount }, (_, partition) => ({ topicId, partition }));
  const fetcher = new ShareFetcher({
    ...{ states: local.shares, topics: local.registry, clock: local.clock },
    isShared: () => true,
  });
  const ended = new AbortController();
  const fetch = (
    memberId: string,
    options: { maxWaitMs?: number; minBytes?: number; maxRecords?: number } = {},
  ) =>
    fetcher.fetch({
      ...{ groupId: 'g', memberId, places, maxWaitMs: FOREVER_MS, minBytes: 1, maxBytes: () => 1_000_000 },
      ...{ maxRecords: 7, batchSize: 3, ended: ended.signal, config: { ...CONFIG, ...config }, ...options },
    });
  const append = (partition: number, ...values: string[]) =>
    local.topics.append({ topic: 't', partition, batch: batchOf(...values) });
  const acknowledge = (
    memberId: string,
    partition: number,
    firstOffset: number,
    lastOffset: number,
    type: number,
  ) =>
    local.shares.call('acknowledge', {
      ...{ key: { groupId: 'g', topicId, partition }, memberId },
      acknowledgements: [{ firstOffset, lastOffset, types: [type] }],
    });
  return { ...local, places, ended, fetch, append, acknowledge };
}

describe('ShareFetcher', () => {
  it('waits for as many bytes as were asked for, and not for longer than allowed', async () => {
    const { clock, fetch, append } = await setUp(1);
    const waiting = fetch('a', { minBytes: 400, maxWaitMs: 500 });
    await append(0, 'x');
    await clock.advance(499);
    const rest = append(0, 'y'.repeat(300));
    await clock.advance(0);
    await rest;
    assert.deepEqual(
      (await waiting).map(({ ranges }) => ranges.length),
      [1],
    );
    const late = fetch('a', { minBytes: 400, maxWaitMs: 500 });
    await append(0, 'x');
    await clock.advance(500);
    assert.equal((await late)[0]!.ranges[0]!.firstOffset, 2);
    assert.deepEqual(await fetch('a', { maxWaitMs: 0 }), []);
  });

  it('goes on from the log start when what came next was deleted', async () => {
    const { registry, fetch, append } = await setUp(1);
    await append(0, 'a');
    await append(0, 'b', 'c');
    await registry.partitionLog('t', 0)!.deleteRecordsBefore(2);
    assert.deepEqual((await fetch('m'))[0]!.ranges, [{ firstOffset: 2, lastOffset: 2, deliveryCount: 1 }]);
  });

  it('gives back what it acquired for a member whose connection ended meanwhile', async () => {
    const { shares, places, ended, fetch, append } = await setUp(1);
    await append(0, 'a');
    const fetching = fetch('gone', { maxWaitMs: 0 });
    ended.abort();
    assert.deepEqual(await fetching, []);
    assert.equal(shares.find({ groupId: 'g', ...places[0]! })?.nextFetchOffset(2000), 0);
  });

  for (let seed = 1; seed <= 8; seed++)
    it(`lets every record reach somebody, one at a time, and leaves nobody waiting for nothing (seed ${seed})`, async () => {
      const random = new SeededRandom(seed);
      const { clock, ended, fetch, append, acknowledge } = await setUp(2, { maxRecordLocks: 20 });
      const accepted = new Set<string>();
      const holders = new Map<string, string>();
      let total = 0;
      let failure: unknown;
      const member = async (memberId: string) => {
        while (!ended.signal.aborted) {
          for (const { place, error, ranges } of await fetch(memberId)) {
            assert.equal(error, 'NONE');
            for (const { firstOffset, lastOffset, deliveryCount } of ranges) {
              for (let offset = firstOffset; offset <= lastOffset; offset++) {
                const record = `${place.partition}-${offset}`;
                assert.ok(!accepted.has(record), `${record} came again`);
                assert.equal(holders.get(record), undefined, `${record} has two holders`);
              }
              const isLastChance = deliveryCount >= 8;
              const fate = isLastChance ? 0 : randomInt(random, 4);
              for (let offset = firstOffset; offset <= lastOffset; offset++)
                holders.set(`${place.partition}-${offset}`, memberId);
              const letGo = () => {
                for (let offset = firstOffset; offset <= lastOffset; offset++)
                  holders.delete(`${place.partition}-${offset}`);
              };
              if (fate === 3) {
                // Kept until the hold ends by itself.
                clock.after(LOCK_MS - 1, letGo);
                continue;
              }
              letGo();
              if (fate <= 1)
                for (let offset = firstOffset; offset <= lastOffset; offset++)
                  accepted.add(`${place.partition}-${offset}`);
              const type = fate <= 1 ? ACCEPT! : RELEASE!;
              const reply = await acknowledge(memberId, place.partition, firstOffset, lastOffset, type);
              assert.equal(reply.error, 'NONE');
            }
          }
        }
      };
      const members = ['a', 'b', 'c'].map((each) =>
        member(each).catch((error: unknown) => (failure = error)),
      );
      for (let round = 0; round < 40; round++) {
        const count = 1 + randomInt(random, 5);
        await append(randomInt(random, 2), ...Array.from({ length: count }, () => 'v'));
        total += count;
        await clock.advance(randomInt(random, 300));
      }
      for (let tick = 0; tick < 200 && accepted.size < total && failure === undefined; tick++)
        await clock.advance(LOCK_MS);
      ended.abort();
      await Promise.all(members);
      assert.equal(failure, undefined);
      assert.equal(accepted.size, total);
    });
});
