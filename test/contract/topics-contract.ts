import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TopicError, type Topics } from '../../src/topics/topics.ts';
import { batchOf, valuesOf } from '../support/records.ts';

export interface TopicsFixture {
  readonly topics: Topics;
  close(): Promise<void>;
}

const rejectsWith = (code: string) => (error: unknown) => error instanceof TopicError && error.code === code;

/** What every implementation of the topics port must do. `open` gives one without topics of the test's names. */
export function describeTopicsContract(name: string, open: () => Promise<TopicsFixture>): void {
  const scenario = (title: string, run: (topics: Topics) => Promise<void>) =>
    it(title, async () => {
      const { topics, close } = await open();
      try {
        await run(topics);
      } finally {
        await close();
      }
    });
  const p0 = { topic: 't', partition: 0 };
  const p1 = { topic: 't', partition: 1 };
  const twoPartitions = (topics: Topics) => topics.create({ name: 't', partitionCount: 2 });
  /** The topic that positions are about. */
  const source = (topics: Topics) => topics.create({ name: 'in', partitionCount: 1 });

  describe(`topics port: ${name}`, () => {
    scenario('a created topic is described with what was asked for', async (topics) => {
      const config = new Map([['cleanup.policy', 'compact']]);
      const created = await topics.create({ name: 't', partitionCount: 3, config });
      const [described] = await topics.describe(['t', 'missing']);
      assert.deepEqual(described, created);
      assert.equal(created.partitionCount, 3);
      assert.equal(created.config.get('cleanup.policy'), 'compact');
      assert.equal((await topics.describe()).filter((topic) => topic.name === 't').length, 1);
    });

    scenario('a name exists once', async (topics) => {
      await twoPartitions(topics);
      await assert.rejects(twoPartitions(topics), rejectsWith('TOPIC_ALREADY_EXISTS'));
    });

    scenario('a topic created anew is empty and has another id', async (topics) => {
      const first = await twoPartitions(topics);
      await topics.append({ ...p0, batch: batchOf('old') });
      await topics.delete('t');
      assert.deepEqual(await topics.describe(['t']), []);
      await assert.rejects(topics.delete('t'), rejectsWith('UNKNOWN_TOPIC_OR_PARTITION'));
      const second = await twoPartitions(topics);
      assert.notEqual(second.topicId, first.topicId);
      assert.deepEqual(await valuesOf(topics, p0), []);
    });

    scenario('appends get consecutive offsets and are read back', async (topics) => {
      await twoPartitions(topics);
      assert.equal(await topics.append({ ...p0, batch: batchOf('a', 'b') }), 0);
      assert.equal(await topics.append({ ...p0, batch: batchOf('c') }), 2);
      assert.deepEqual(await valuesOf(topics, p0), ['a', 'b', 'c']);
      assert.deepEqual(await topics.offsets(p0), {
        logStartOffset: 0,
        highWatermark: 3,
        lastStableOffset: 3,
      });
      assert.deepEqual(await valuesOf(topics, p1), []);
    });

    scenario('a read at the end is empty, beyond it out of range', async (topics) => {
      await twoPartitions(topics);
      await topics.append({ ...p0, batch: batchOf('a') });
      const options = { maxBytes: 1000, isolation: 'read_committed' } as const;
      const atEnd = await topics.read(p0, 1, options);
      assert.equal(atEnd.bytes.length, 0);
      assert.equal(atEnd.nextOffset, 1);
      await assert.rejects(topics.read(p0, 2, options), rejectsWith('OFFSET_OUT_OF_RANGE'));
    });

    scenario('a partition that does not exist is refused', async (topics) => {
      await twoPartitions(topics);
      const nowhere = { topic: 't', partition: 2 };
      await assert.rejects(topics.offsets(nowhere), rejectsWith('UNKNOWN_TOPIC_OR_PARTITION'));
      const append = topics.append({ ...nowhere, batch: batchOf('a') });
      await assert.rejects(append, rejectsWith('UNKNOWN_TOPIC_OR_PARTITION'));
    });

    scenario('a commit makes all its batches and positions visible', async (topics) => {
      await twoPartitions(topics);
      await source(topics);
      const writer = await topics.transact('id');
      const offsets = await writer.commit({
        batches: [
          { ...p0, batch: batchOf('a', 'b') },
          { ...p1, batch: batchOf('x') },
          { ...p0, batch: batchOf('c') },
        ],
        group: 'g',
        positions: [{ topic: 'in', partition: 0, offset: 7 }],
      });
      assert.deepEqual(offsets, [0, 0, 2]);
      assert.deepEqual(await valuesOf(topics, p0), ['a', 'b', 'c']);
      assert.deepEqual(await valuesOf(topics, p1), ['x']);
      assert.deepEqual(await writer.positions('g'), [{ topic: 'in', partition: 0, offset: 7 }]);
    });

    scenario('commit follows commit, also without batches or without positions', async (topics) => {
      await twoPartitions(topics);
      await source(topics);
      const writer = await topics.transact('id');
      const batches = (value: string) => [{ ...p0, batch: batchOf(value) }];
      const positions = (offset: number) => [{ topic: 'in', partition: 0, offset }];
      await writer.commit({ batches: batches('a'), group: 'g', positions: positions(1) });
      await writer.commit({ batches: [], group: 'g', positions: positions(2) });
      await writer.commit({ batches: batches('b'), group: 'g', positions: [] });
      await Promise.all([
        writer.commit({ batches: batches('c'), group: 'g', positions: positions(3) }),
        writer.commit({ batches: batches('d'), group: 'g', positions: positions(4) }),
      ]);
      assert.deepEqual(await valuesOf(topics, p0), ['a', 'b', 'c', 'd']);
      const next = await topics.transact('id');
      assert.deepEqual(await next.positions('g'), [{ topic: 'in', partition: 0, offset: 4 }]);
    });

    scenario('the earlier owner of a transactional id is fenced', async (topics) => {
      await twoPartitions(topics);
      await source(topics);
      const work = (value: string, offset: number) => ({
        batches: [{ ...p0, batch: batchOf(value) }],
        group: 'g',
        positions: [{ topic: 'in', partition: 0, offset }],
      });
      const earlier = await topics.transact('id');
      await earlier.commit(work('a', 1));
      const later = await topics.transact('id');
      await assert.rejects(earlier.commit(work('zombie', 9)), rejectsWith('PRODUCER_FENCED'));
      const positionsOnly = { ...work('', 9), batches: [] };
      await assert.rejects(earlier.commit(positionsOnly), rejectsWith('PRODUCER_FENCED'));
      await later.commit(work('b', 2));
      assert.deepEqual(await valuesOf(topics, p0), ['a', 'b']);
      assert.deepEqual(await later.positions('g'), [{ topic: 'in', partition: 0, offset: 2 }]);
    });

    scenario('a refused commit leaves nothing that blocks readers after the next owner', async (topics) => {
      await twoPartitions(topics);
      await source(topics);
      await topics.create({
        name: 'small',
        partitionCount: 1,
        config: new Map([['max.message.bytes', '100']]),
      });
      const commitTo = async (topic: string) => {
        const writer = await topics.transact('id');
        const other = { topic, partition: 0, batch: batchOf('other half'.repeat(20)) };
        const batches = [{ ...p0, batch: batchOf('half') }, other];
        await writer.commit({ batches, group: 'g', positions: [{ topic: 'in', partition: 0, offset: 1 }] });
      };
      await assert.rejects(commitTo('missing'), rejectsWith('UNKNOWN_TOPIC_OR_PARTITION'));
      await assert.rejects(commitTo('small'), rejectsWith('MESSAGE_TOO_LARGE'));
      const next = await topics.transact('id');
      await topics.append({ ...p0, batch: batchOf('after') });
      assert.deepEqual(await valuesOf(topics, p0), ['after']);
      assert.deepEqual(await next.positions('g'), []);
    });

    scenario('a position of a topic that does not exist is refused', async (topics) => {
      const writer = await topics.transact('id');
      const positions = [{ topic: 'in', partition: 0, offset: 1 }];
      const refused = writer.commit({ batches: [], group: 'g', positions });
      await assert.rejects(refused, rejectsWith('UNKNOWN_TOPIC_OR_PARTITION'));
    });

    scenario('a deleted topic takes its positions with it', async (topics) => {
      await source(topics);
      const writer = await topics.transact('id');
      const positions = [{ topic: 'in', partition: 0, offset: 1 }];
      await writer.commit({ batches: [], group: 'g', positions });
      await topics.delete('in');
      await source(topics);
      assert.deepEqual(await writer.positions('g'), []);
    });

    scenario('two writers do not disturb each other', async (topics) => {
      await twoPartitions(topics);
      await source(topics);
      const [one, two] = await Promise.all([topics.transact('one'), topics.transact('two')]);
      const work = (value: string, group: string) => ({
        batches: [{ ...p0, batch: batchOf(value) }],
        group,
        positions: [{ topic: 'in', partition: 0, offset: 1 }],
      });
      await Promise.all([
        one.commit(work('1', 'g1')),
        two.commit(work('2', 'g2')),
        one.commit(work('3', 'g1')),
      ]);
      assert.deepEqual((await valuesOf(topics, p0)).sort(), ['1', '2', '3']);
    });

    scenario('a watcher hears of appends and commits until it stops', async (topics) => {
      await twoPartitions(topics);
      let calls = 0;
      const stop = topics.watch([p0, p1], () => calls++);
      await topics.append({ ...p1, batch: batchOf('a') });
      await settle();
      const afterAppend = calls;
      assert.ok(afterAppend > 0);
      const writer = await topics.transact('id');
      await writer.commit({ batches: [{ ...p0, batch: batchOf('b') }], group: 'g', positions: [] });
      await settle();
      assert.ok(calls > afterAppend);
      stop();
      const afterStop = calls;
      await topics.append({ ...p0, batch: batchOf('c') });
      await settle();
      assert.equal(calls, afterStop);
    });
  });
}

/** Notifications may come a little later than what they tell of. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}
