import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryFileSystem } from '../../base/memory-fs.ts';
import { MemoryTopics } from '../../testing/memory-topics.ts';
import { produce } from '../../testing/topic-content.ts';
import { readSnapshot, writeSnapshot } from './snapshot.ts';
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
  const offset = await readSnapshot(fs, '/s/store', topicId, (cursor) =>
    seen.push(`${cursor.key()} ${cursor.value()} ${cursor.timestampMs}`),
  );
  return [offset, seen];
}

describe('a snapshot', () => {
  it('reads back over several batches', async () => {
    const fs = new MemoryFileSystem();
    const written = records(30_000);
    await writeSnapshot(fs, '/s', 'store', { topicId: TOPIC_ID, offset: 77 }, written);
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
    await writeSnapshot(fs, '/s', 'store', { topicId: TOPIC_ID, offset: 77 }, records(2));
    assert.deepEqual(await read(fs, 'f'.repeat(32)), [undefined, []]);
  });

  it('with any byte changed or missing is none, and nothing of it is used', async () => {
    const fs = new MemoryFileSystem();
    await writeSnapshot(fs, '/s', 'store', { topicId: TOPIC_ID, offset: 77 }, records(3));
    const file = await fs.open('/s/store', { create: false });
    const whole = Buffer.alloc(await file.size());
    await file.read(whole, 0);
    for (let at = 0; at < whole.length; at++) {
      // The base offset and the leader epoch lie outside a batch's CRC and mean nothing in a snapshot.
      if (at >= 44 && (at < 52 || (at >= 56 && at < 60))) continue;
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
  it('restores to the same contents with and without one', async () => {
    const topics = new MemoryTopics();
    await topics.create({ name: 'changelog', partitionCount: 1 });
    const fs = new MemoryFileSystem();
    const restored = async (files: boolean) => {
      const keeper = new SnapshotKeeper(
        topics,
        'changelog',
        files ? { fs, folder: '/s', name: 'store' } : undefined,
      );
      const contents = new Map<string, string>();
      await keeper.restore((cursor) => contents.set(`${cursor.key()}`, `${cursor.value()}`));
      return { keeper, contents };
    };
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 5; n++)
        await produce(topics, 'changelog', 0, [{ key: `k${(n * round) % 4}`, value: `${round}-${n}` }]);
      const { keeper, contents } = await restored(true);
      assert.deepEqual(contents, (await restored(false)).contents);
      await keeper.refresh(3);
    }
    let visits = 0;
    await new SnapshotKeeper(topics, 'changelog', { fs, folder: '/s', name: 'store' }).restore(
      () => visits++,
    );
    assert.equal(visits, 4);
  });
});
