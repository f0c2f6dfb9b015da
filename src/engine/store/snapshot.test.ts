import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MemoryFileSystem } from '../../base/memory-fs.ts';
import { RecordCursor } from '../../record/record-cursor.ts';
import { MemoryTopics } from '../../testing/memory-topics.ts';
import { produce } from '../../testing/topic-content.ts';
import { checkSnapshot, readSnapshot, type StateRecord, writeSnapshot } from './snapshot.ts';
import { SnapshotChain } from './snapshot-chain.ts';
import { SnapshotKeeper } from './snapshot-keeper.ts';

const TOPIC_ID = '00112233445566778899aabbccddeeff';

function records(count: number) {
  return Array.from({ length: count }, (_, n) => ({
    key: Buffer.from(`key${n}`),
    value: Buffer.from(`value ${n} ${'x'.repeat(n % 50)}`),
    timestampMs: n * 10,
  }));
}

async function read(fs: MemoryFileSystem, topicId = TOPIC_ID): Promise<[number | undefined, string[]]> {
  const seen: string[] = [];
  const header = await checkSnapshot(fs, '/s/store', topicId);
  if (header)
    for await (const { bytes, at } of readSnapshot(fs, '/s/store')) {
      const cursor = new RecordCursor();
      cursor.reset(bytes, at);
      while (cursor.next()) seen.push(`${cursor.key()} ${cursor.value()} ${cursor.timestampMs}`);
    }
  return [header?.to, seen];
}

const write = (fs: MemoryFileSystem, written: readonly StateRecord[]) =>
  writeSnapshot(fs, '/s', 'store', { topicId: TOPIC_ID, from: 0, to: 77 }, [written]);

describe('a snapshot', () => {
  it('reads back over several batches and reads', async () => {
    const fs = new MemoryFileSystem();
    const written = [
      ...records(30_000),
      { key: Buffer.from('large'), value: Buffer.alloc(3_000_000, 'x'), timestampMs: 1 },
      { key: Buffer.from('gone'), value: null, timestampMs: 2 },
    ];
    assert.equal(await write(fs, written), written.length);
    const [offset, seen] = await read(fs);
    assert.equal(offset, 77);
    assert.deepEqual(
      seen,
      written.map(({ key, value, timestampMs }) => `${key} ${value} ${timestampMs}`),
    );
  });

  it('of another topic, or none, is none', async () => {
    const fs = new MemoryFileSystem();
    assert.deepEqual(await read(fs), [undefined, []]);
    await write(fs, records(2));
    assert.deepEqual(await read(fs, 'f'.repeat(32)), [undefined, []]);
  });

  it('with any byte changed or missing is none, and nothing of it is used', async () => {
    const fs = new MemoryFileSystem();
    await write(fs, records(3));
    const file = await fs.open('/s/store', { create: false });
    const whole = Buffer.alloc(await file.size());
    await file.read(whole, 0);
    for (let at = 0; at < whole.length; at++) {
      // The base offset and the leader epoch lie outside a batch's CRC and mean nothing in a snapshot.
      if (at >= 52 && (at < 60 || (at >= 64 && at < 68))) continue;
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] as number) ^ 0x41;
      await file.write([damaged], 0);
      assert.deepEqual(await read(fs), [undefined, []], `byte ${at}`);
    }
    await file.write([whole], 0);
    for (let length = 0; length < whole.length; length++) {
      await file.truncate(length);
      assert.deepEqual(await read(fs), [undefined, []], `${length} bytes`);
      await file.write([whole], 0);
    }
  });
});

describe('a store behind snapshots', () => {
  const files = (fs: MemoryFileSystem) => ({ fs, folder: '/s', name: 'store' });

  async function contentsOf(keeper: SnapshotKeeper): Promise<Map<string, string>> {
    const contents = new Map<string, string>();
    await keeper.restore((cursor) => {
      const value = cursor.value();
      if (value === null) contents.delete(`${cursor.key()}`);
      else contents.set(`${cursor.key()}`, `${value} ${cursor.timestampMs}`);
    });
    return contents;
  }

  async function changelog(): Promise<MemoryTopics> {
    const topics = new MemoryTopics();
    await topics.create({ name: 'changelog', partitionCount: 1 });
    return topics;
  }

  it('restores to the same contents with and without them, whatever is damaged or lost', async () => {
    const change = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'é'),
      value: fc.option(fc.nat(9)),
      refresh: fc.constantFrom('no', 'no', 'longer', 'all'),
      restart: fc.constantFrom('no', 'no', 'yes', 'damaged', 'stopped'),
      victim: fc.nat(99),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 40 }), async (changes) => {
        const topics = await changelog();
        const fs = new MemoryFileSystem();
        let keeper = new SnapshotKeeper(topics, 'changelog', files(fs));
        for (const [n, { key, value, refresh, restart, victim }] of changes.entries()) {
          const record = { key, value: value === null ? null : `${value}`, timestampMs: n };
          await produce(topics, 'changelog', 0, [record]);
          const refreshed = refresh === 'no' ? undefined : keeper.refresh(refresh === 'all' ? 0 : 2);
          if (restart === 'stopped') await keeper.close();
          await refreshed;
          if (restart === 'no') continue;
          if (restart === 'damaged') await damage(fs, victim);
          await keeper.close();
          keeper = new SnapshotKeeper(topics, 'changelog', files(fs));
          const without = new SnapshotKeeper(topics, 'changelog', undefined);
          assert.deepEqual(await contentsOf(keeper), await contentsOf(without));
        }
      }),
      { numRuns: 150, endOnFailure: true },
    );
  });

  async function damage(fs: MemoryFileSystem, victim: number): Promise<void> {
    const names = await fs.list('/s');
    if (names.length === 0) return;
    const file = await fs.open(`/s/${names[victim % names.length]}`, { create: false });
    const at = victim % (await file.size());
    await file.write([Buffer.from([victim])], at);
    await file.close();
  }

  it('has few files, of which each is much smaller than the one before', async () => {
    const topics = await changelog();
    const fs = new MemoryFileSystem();
    const keeper = new SnapshotKeeper(topics, 'changelog', files(fs));
    for (let n = 0; n < 64; n++) {
      await produce(topics, 'changelog', 0, [{ key: `k${(n * 37) % 64}`, value: `${n}` }]);
      await keeper.refresh(0);
      const { records: sizes } = await SnapshotChain.open(files(fs), topicIdOf(await topics.describe()));
      for (const [index, size] of sizes.entries())
        assert.ok(index === 0 || size * 2 < (sizes[index - 1] as number));
    }
    assert.equal((await contentsOf(new SnapshotKeeper(topics, 'changelog', files(fs)))).size, 64);
    await keeper.refresh(0);
    assert.ok((await fs.list('/s')).length <= 6);
  });
});

function topicIdOf([description]: readonly { readonly topicId: string }[]): string {
  return description?.topicId ?? '';
}
