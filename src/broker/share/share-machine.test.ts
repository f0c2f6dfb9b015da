import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryMachineLog } from '../../../test/support/memory-machine-log.ts';
import { silentLogger } from '../../base/logger.ts';
import { randomInt } from '../../base/random.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { StateMachineRunner } from '../../topics/runner.ts';
import type { ShareCalls } from './share-calls.ts';
import { shareCodec } from './share-codec.ts';
import type { ShareEntry, ShareKey } from './share-entries.ts';
import { ShareMachine } from './share-machine.ts';
import type { FetchedBatch } from './share-partition.ts';

const KEY: ShareKey = { groupId: 'g', topicId: 'ab'.repeat(16), partition: 0 };
const LOCK_MS = 30_000;
const MAX_DELIVERIES = 3;
const [GAP, ACCEPT, RELEASE, REJECT] = [0, 1, 2, 3];

async function open(log = new MemoryMachineLog(), clock = new VirtualClock(), updatesPerSnapshot = 500) {
  const machine = new ShareMachine(() => ({ maxDeliveryCount: MAX_DELIVERIES, updatesPerSnapshot }));
  const runner = await StateMachineRunner.open<ShareCalls, ShareEntry>({
    ...{ machine, codec: shareCodec, log, clock, logger: silentLogger },
  });
  const begin = (startOffset = 0) => runner.submit('begin', { key: KEY, startOffset, leaderEpoch: 1 });
  const acquire = async (
    memberId: string,
    batches: readonly (readonly [first: number, last: number, isAborted?: boolean])[],
    options: { maxRecords?: number; batchSize?: number; maxRecordLocks?: number; fetchOffset?: number } = {},
  ) => {
    const { ranges } = await runner.submit('acquire', {
      ...{ key: KEY, memberId, logStartOffset: 0, lockMs: LOCK_MS },
      ...{ maxRecords: 500, batchSize: 500, maxRecordLocks: 2000 },
      fetchOffset: machine.find(KEY)!.nextFetchOffset(2000)!,
      ...options,
      nextOffset: (batches.at(-1)?.[1] ?? -1) + 1,
      batches: batches.map(([firstOffset, lastOffset, isAborted = false]) => ({
        firstOffset,
        lastOffset,
        isAborted,
      })),
    });
    return ranges.map(
      ({ firstOffset, lastOffset, deliveryCount }) => `${firstOffset}-${lastOffset}x${deliveryCount}`,
    );
  };
  const acknowledge = async (memberId: string, firstOffset: number, lastOffset: number, ...types: number[]) =>
    (
      await runner.submit('acknowledge', {
        key: KEY,
        memberId,
        acknowledgements: [{ firstOffset, lastOffset, types }],
      })
    ).error;
  const release = (memberId: string) => runner.submit('release', { key: KEY, memberId });
  const state = () => describeState(machine);
  return { log, clock, machine, runner, begin, acquire, acknowledge, release, state };
}

function describeState(machine: ShareMachine): string {
  const partition = machine.find(KEY);
  if (partition === undefined) return 'none';
  const runs = partition.runs().map(({ firstOffset, lastOffset, delivery }) => {
    const by = delivery.state === 'acquired' ? ` by ${delivery.lock.memberId}` : '';
    return `${firstOffset}-${lastOffset} ${delivery.state} ${delivery.deliveryCount}${by}`;
  });
  return [`from ${partition.startOffset}`, ...runs].join(', ');
}

describe('ShareMachine', () => {
  it('gives a record to one member at a time and moves on when it is accepted', async () => {
    const { begin, acquire, acknowledge, state } = await open();
    await begin();
    assert.deepEqual(await acquire('a', [[0, 9]]), ['0-9x1']);
    assert.deepEqual(await acquire('b', [[0, 9]], { fetchOffset: 0 }), []);
    assert.equal(await acknowledge('b', 0, 9, ACCEPT), 'INVALID_RECORD_STATE');
    assert.equal(await acknowledge('a', 0, 4, ACCEPT), 'NONE');
    assert.equal(state(), 'from 5, 5-9 acquired 1 by a');
    assert.equal(await acknowledge('a', 5, 9, ACCEPT, RELEASE, REJECT, GAP, ACCEPT), 'NONE');
    assert.equal(state(), 'from 6, 6-6 available 1, 7-8 archived 1, 9-9 acknowledged 1');
  });

  it('refuses what was never given out, and lets pass what is done with', async () => {
    const { begin, acquire, acknowledge } = await open();
    await begin();
    await acquire('a', [[0, 9]]);
    assert.equal(await acknowledge('a', 5, 12, ACCEPT), 'INVALID_REQUEST');
    assert.equal(await acknowledge('a', 0, 9, ACCEPT), 'NONE');
    assert.equal(await acknowledge('a', 0, 9, ACCEPT), 'NONE');
    assert.equal(await acknowledge('a', 10, 11, ACCEPT), 'INVALID_REQUEST');
  });

  it('delivers again what was released or kept for too long, until the limit', async () => {
    const { clock, begin, acquire, acknowledge, state } = await open();
    await begin();
    assert.deepEqual(await acquire('a', [[0, 1]]), ['0-1x1']);
    await acknowledge('a', 0, 1, RELEASE);
    assert.deepEqual(await acquire('a', [[0, 1]]), ['0-1x2']);
    await clock.advance(LOCK_MS - 1);
    assert.equal(state(), 'from 0, 0-1 acquired 2 by a');
    await clock.advance(1);
    assert.deepEqual(await acquire('b', [[0, 1]]), ['0-1x3']);
    assert.equal(await acknowledge('a', 0, 1, ACCEPT), 'INVALID_RECORD_STATE');
    await acknowledge('b', 0, 0, RELEASE);
    assert.equal(state(), 'from 1, 1-1 acquired 3 by b');
    await clock.advance(LOCK_MS);
    assert.equal(state(), 'from 2');
  });

  it('does not count what a member gives back at the end of its session', async () => {
    const { log, begin, acquire, release } = await open();
    await begin();
    for (let session = 0; session < 10; session++) {
      assert.deepEqual(await acquire('a', [[0, 1]]), ['0-1x1']);
      await release('a');
    }
    assert.equal(log.batches.length, 1);
  });

  it('takes whole batches, about as many records as asked for, in ranges of about the batch size', async () => {
    const { begin, acquire } = await open();
    await begin();
    const batches = [
      [0, 9],
      [10, 19],
      [20, 29],
      [30, 39],
    ] as const;
    assert.deepEqual(await acquire('a', batches, { maxRecords: 25, batchSize: 15 }), ['0-19x1', '20-29x1']);
    assert.deepEqual(await acquire('b', batches.slice(3), { batchSize: 1 }), ['30-39x1']);
  });

  it('has no more in flight than allowed, but for the rest of a batch', async () => {
    const { machine, begin, acquire, acknowledge } = await open();
    await begin();
    assert.deepEqual(await acquire('a', [[0, 99]], { maxRecordLocks: 50 }), ['0-99x1']);
    assert.equal(machine.find(KEY)!.nextFetchOffset(50), undefined);
    assert.deepEqual(await acquire('b', [[100, 109]], { maxRecordLocks: 50, fetchOffset: 100 }), []);
    await acknowledge('a', 50, 99, RELEASE);
    assert.equal(machine.find(KEY)!.nextFetchOffset(50), 50);
    assert.deepEqual(await acquire('b', [[0, 109]], { maxRecordLocks: 50 }), ['50-99x2']);
  });

  it('leaves out aborted batches and offsets without records', async () => {
    const { begin, acquire, acknowledge, state } = await open();
    await begin();
    const batches = [
      [2, 3],
      [4, 5, true],
      [6, 6],
      [9, 9],
    ] as const;
    assert.deepEqual(await acquire('a', batches), ['2-3x1', '6-6x1', '9-9x1']);
    assert.equal(
      state(),
      'from 2, 2-3 acquired 1 by a, 4-5 archived 0, 6-6 acquired 1 by a, 7-8 archived 0, 9-9 acquired 1 by a',
    );
    await acknowledge('a', 2, 3, ACCEPT);
    assert.equal(state(), 'from 6, 6-6 acquired 1 by a, 7-8 archived 0, 9-9 acquired 1 by a');
  });

  it('begins where the first fetch says, and anew where an administrator says', async () => {
    const { runner, begin, acquire, state } = await open();
    assert.equal((await runner.submit('describe', { key: KEY })).startOffset, -1);
    assert.equal((await begin(7)).startOffset, 7);
    assert.equal((await begin(3)).startOffset, 7);
    await acquire('a', [[0, 9]]);
    await runner.submit('alter', { key: KEY, startOffset: 2, leaderEpoch: 1 });
    assert.equal(state(), 'from 2');
    await runner.submit('delete', { keys: [KEY] });
    assert.equal(state(), 'none');
  });

  it('forgets holds at a restart and nothing else', async () => {
    const { log, begin, acquire, acknowledge } = await open();
    await begin();
    await acquire('a', [[0, 9]]);
    await acknowledge('a', 2, 3, ACCEPT);
    await acknowledge('a', 5, 5, RELEASE);
    await acquire('b', [[0, 9]]);
    const again = await open(log);
    assert.equal(
      again.state(),
      'from 0, 0-1 available 0, 2-3 acknowledged 1, 4-4 available 0, 5-5 available 1',
    );
    assert.deepEqual(await again.acquire('c', [[0, 9]]), ['0-1x1', '4-4x1', '5-5x2', '6-9x1']);
  });

  it('tells who waits when there may be more', async () => {
    const { clock, machine, begin, acquire, acknowledge, release } = await open();
    let calls = 0;
    const stop = machine.watch(KEY, () => calls++);
    const woke = async (work: () => Promise<unknown>) => {
      const before = calls;
      await work();
      return calls > before;
    };
    assert.ok(await woke(begin));
    assert.ok(!(await woke(() => acquire('a', [[0, 9]]))));
    assert.ok(await woke(() => acknowledge('a', 0, 1, RELEASE)));
    await acquire('b', [[0, 9]]);
    assert.ok(await woke(() => release('b')));
    assert.ok(await woke(() => clock.advance(LOCK_MS)));
    stop();
    assert.ok(!(await woke(() => acquire('c', [[0, 9]]).then(() => acknowledge('c', 0, 9, ACCEPT)))));
  });
});

/** What the machine must do, record by record. */
class Model {
  readonly records: { state: string; count: number; holder: string | null; untilMs: number }[] = [];

  restart(): void {
    for (const record of this.records) {
      if (record.holder === null) continue;
      Object.assign(record, { state: 'available', count: record.count - 1, holder: null });
    }
  }

  expire(nowMs: number): void {
    for (const record of this.records) {
      if (record.holder === null || record.untilMs > nowMs) continue;
      this.settle(record, RELEASE!);
    }
  }

  settle(record: Model['records'][number], type: number): void {
    const state = type === ACCEPT ? 'acknowledged' : type === RELEASE ? 'available' : 'archived';
    const isSpent = state === 'available' && record.count >= MAX_DELIVERIES;
    Object.assign(record, { state: isSpent ? 'archived' : state, holder: null });
  }
}

describe('ShareMachine, at random', () => {
  for (let seed = 1; seed <= 30; seed++) {
    it(`delivers as its model does (seed ${seed})`, async () => {
      const random = new SeededRandom(seed);
      const clock = new VirtualClock();
      const updatesPerSnapshot = 1 + randomInt(random, 8);
      const batches: FetchedBatch[] = [];
      let share = await open(new MemoryMachineLog(), clock, updatesPerSnapshot);
      await share.begin();
      const model = new Model();
      const member = () => `m${randomInt(random, 3)}`;
      for (let step = 0; step < 300; step++) {
        const action = randomInt(random, 100);
        if (action < 20) {
          const firstOffset = model.records.length;
          const count = 1 + randomInt(random, 8);
          for (let index = 0; index < count; index++)
            model.records.push({ state: 'available', count: 0, holder: null, untilMs: 0 });
          batches.push({ firstOffset, lastOffset: firstOffset + count - 1, isAborted: false });
        } else if (action < 50) {
          const memberId = member();
          const fetchOffset = share.machine.find(KEY)!.nextFetchOffset(2000)!;
          const readable = batches.filter(({ lastOffset }) => lastOffset >= fetchOffset).slice(0, 3);
          if (readable.length === 0) continue;
          const { ranges } = await share.runner.submit('acquire', {
            ...{ key: KEY, memberId, logStartOffset: 0, lockMs: LOCK_MS, maxRecordLocks: 2000 },
            ...{ maxRecords: 1 + randomInt(random, 10), batchSize: 1 + randomInt(random, 6), fetchOffset },
            batches: readable,
            nextOffset: 0,
          });
          for (const { firstOffset, lastOffset, deliveryCount } of ranges) {
            for (let offset = firstOffset; offset <= lastOffset; offset++) {
              const record = model.records[offset]!;
              assert.equal(record.state, 'available', `${offset} is given to two`);
              const now = clock.nowMs();
              Object.assign(record, {
                state: 'acquired',
                count: record.count + 1,
                holder: memberId,
                untilMs: now + LOCK_MS,
              });
              assert.equal(deliveryCount, record.count);
            }
          }
        } else if (action < 80) {
          const memberId = member();
          const held = model.records.flatMap((record, offset) =>
            record.holder === memberId ? [offset] : [],
          );
          if (held.length === 0) continue;
          const firstOffset = held[randomInt(random, held.length)]!;
          let lastOffset = firstOffset;
          while (model.records[lastOffset + 1]?.holder === memberId && randomInt(random, 4) > 0) lastOffset++;
          const count = lastOffset - firstOffset + 1;
          const types = Array.from({ length: randomInt(random, 2) === 0 ? 1 : count }, () =>
            randomInt(random, 4),
          );
          assert.equal(await share.acknowledge(memberId, firstOffset, lastOffset, ...types), 'NONE');
          for (let offset = firstOffset; offset <= lastOffset; offset++)
            model.settle(
              model.records[offset]!,
              types.length === 1 ? types[0]! : types[offset - firstOffset]!,
            );
        } else if (action < 86) {
          const memberId = member();
          await share.release(memberId);
          for (const record of model.records) {
            if (record.holder !== memberId) continue;
            Object.assign(record, { state: 'available', count: record.count - 1, holder: null });
          }
        } else if (action < 92) {
          await clock.advance(randomInt(random, LOCK_MS));
          model.expire(clock.nowMs());
        } else if (action < 96) {
          const memberId = member();
          const offset = randomInt(random, model.records.length + 1);
          const record = model.records[offset];
          if (
            record !== undefined &&
            record.holder !== memberId &&
            offset >= share.machine.find(KEY)!.startOffset
          )
            assert.notEqual(await share.acknowledge(memberId, offset, offset, ACCEPT!), 'NONE');
        } else {
          if (action < 98) await share.runner.submit('rewrite', { keys: [KEY] });
          share.runner.close();
          share = await open(share.log, clock, updatesPerSnapshot);
          model.restart();
        }
        agree(share.machine, model);
      }
      // With everybody gone, everything not done with is delivered to whoever comes.
      await clock.advance(LOCK_MS * 2);
      model.expire(clock.nowMs());
      for (;;) {
        const fetchOffset = share.machine.find(KEY)!.nextFetchOffset(2000)!;
        const readable = batches.filter(({ lastOffset }) => lastOffset >= fetchOffset);
        if (readable.length === 0) break;
        await share.acquire(
          'last',
          readable.map(({ firstOffset, lastOffset }) => [firstOffset, lastOffset] as const),
        );
        const { startOffset } = share.machine.find(KEY)!;
        for (const { firstOffset, lastOffset, delivery } of [...share.machine.find(KEY)!.runs()])
          if (delivery.state === 'acquired')
            await share.acknowledge('last', firstOffset, lastOffset, ACCEPT!);
        assert.ok(share.machine.find(KEY)!.startOffset >= startOffset);
      }
      assert.equal(share.machine.find(KEY)!.startOffset, model.records.length);
    });
  }
});

function agree(machine: ShareMachine, model: Model): void {
  const partition = machine.find(KEY)!;
  const runs = partition.runs();
  for (const [offset, record] of model.records.entries()) {
    if (offset < partition.startOffset) {
      assert.ok(record.state === 'acknowledged' || record.state === 'archived', `${offset} was lost`);
      continue;
    }
    const run = runs.find(({ firstOffset, lastOffset }) => firstOffset <= offset && offset <= lastOffset);
    const { state, deliveryCount } = run?.delivery ?? { state: 'available', deliveryCount: 0 };
    assert.deepEqual([offset, state, deliveryCount], [offset, record.state, record.count]);
    const holder = run?.delivery.state === 'acquired' ? run.delivery.lock.memberId : null;
    assert.equal(holder, record.holder);
  }
}
