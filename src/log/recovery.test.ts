import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryFileSystem } from '../base/memory-fs.ts';
import { BatchBuilder, sealBatch } from '../record/batch-builder.ts';
import { MAX_GROUP_BYTES } from './group-commit.ts';
import { clientBatch, openStore, readAll, START_MS, valuesOf } from './log-fixture.ts';
import type { PartitionLog } from './partition-log.ts';
import { readWholeFile } from './whole-file.ts';

const CLIENT = { origin: 'client' } as const;
const FOLDER = '/data/t-0';
const FIRST = `${FOLDER}/00000000000000000000.log`;

async function appendAll(log: PartitionLog, values: readonly string[]): Promise<void> {
  for (const value of values) await log.append(clientBatch(value), CLIENT).durable;
}

/** Segments of three batches each; `checkpointed` lets the background checkpoint run at the end. */
async function crashed(
  values: readonly string[],
  options: { checkpointed: boolean },
): Promise<MemoryFileSystem> {
  const fs = new MemoryFileSystem();
  const { clock, log } = await openStore(fs, { config: { segmentBytes: 230, indexIntervalBytes: 60 } });
  await appendAll(await log(), values);
  if (options.checkpointed) await clock.advance(1000);
  return fs.crash({ keep: 'all' });
}

function sealed(batch: Buffer): Buffer {
  sealBatch(batch, {});
  return batch;
}

async function change(
  fs: MemoryFileSystem,
  path: string,
  edit: (bytes: Buffer) => Buffer | undefined,
): Promise<void> {
  const bytes = (await readWholeFile(fs, path)) ?? Buffer.alloc(0);
  const edited = edit(bytes) ?? bytes;
  const handle = await fs.open(path, { create: true });
  await handle.truncate(0);
  await handle.write([edited], 0);
  await handle.sync();
  await handle.close();
}

const reopen = async (fs: MemoryFileSystem, config = {}) =>
  (await openStore(fs, { leaderEpoch: 2, tailBytes: 0, config })).log();

const VALUES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

describe('recovery', () => {
  it('finds everything after a kill', async () => {
    for (const checkpointed of [false, true]) {
      const log = await reopen(await crashed(VALUES, { checkpointed }));
      assert.deepEqual(await valuesOf(log), VALUES);
      assert.deepEqual(log.epochEnd(1), { leaderEpoch: 1, endOffset: 8 });
    }
  });

  it('makes durable what a killed process left unsynced', async () => {
    for (const operation of ['sync', 'syncDirectory']) {
      for (const values of [['a'], ['a', 'b', 'c', 'd']]) {
        const fs = new MemoryFileSystem();
        const log = await (await openStore(fs, { config: { segmentBytes: 230 } })).log();
        await appendAll(log, values.slice(0, -1));
        fs.onCall = (call) => {
          if (call.operation === operation) fs.crashAtCall(0);
        };
        const last = log.append(clientBatch(values.at(-1)!), CLIENT).durable;
        await last.catch(() => undefined);
        const killed = fs.crash({ keep: 'all' });
        const seen = await valuesOf(await reopen(killed));
        assert.deepEqual(await valuesOf(await reopen(killed.crash({ keep: 'synced' }))), seen, operation);
      }
    }
  });

  it('cuts a torn tail at each byte of the last batch', async () => {
    const whole = await crashed(['a', 'b'], { checkpointed: false });
    const bytes = (await readWholeFile(whole, FIRST))!;
    for (let length = bytes.length / 2; length < bytes.length; length++) {
      const fs = whole.crash({ keep: 'all' });
      await change(fs, FIRST, (all) => all.subarray(0, length));
      const log = await reopen(fs);
      assert.deepEqual(await valuesOf(log), ['a'], `cut at ${length}`);
      await appendAll(log, ['c']);
      assert.deepEqual(await valuesOf(log), ['a', 'c']);
    }
  });

  it('cuts a tail of zeros', async () => {
    const fs = await crashed(['a', 'b'], { checkpointed: true });
    await change(fs, FIRST, (all) => Buffer.concat([all, Buffer.alloc(5000)]));
    assert.deepEqual(await valuesOf(await reopen(fs)), ['a', 'b']);
  });

  it('refuses a log that lost acknowledged records', async () => {
    const fs = await crashed(['a', 'b', 'c'], { checkpointed: true });
    await change(fs, FIRST, (all) => all.subarray(0, all.length - 1));
    await assert.rejects(reopen(fs), {
      code: 'KAFKA_STORAGE_ERROR',
      message: /00000000000000000000\.log .* below the acknowledged offset 3/,
    });
  });

  it('refuses a log that ends early at a batch boundary', async () => {
    const fs = await crashed(['a', 'b', 'c'], { checkpointed: true });
    await change(fs, FIRST, (all) => all.subarray(0, (all.length / 3) * 2));
    await assert.rejects(reopen(fs), {
      code: 'KAFKA_STORAGE_ERROR',
      message: /acknowledged offsets 2 to 2 are missing/,
    });
  });

  it('refuses damage before a later segment', async () => {
    const fs = await crashed(VALUES, { checkpointed: false });
    await change(fs, FIRST, (all) => {
      all[all.length - 1]! ^= 1;
      return undefined;
    });
    await assert.rejects(reopen(fs), {
      code: 'KAFKA_STORAGE_ERROR',
      message: /position \d+ \(BAD_CRC, offset 2\), but a later segment/,
    });
  });

  it('refuses a missing segment', async () => {
    for (const missing of [0, 3, 6]) {
      const fs = await crashed(VALUES, { checkpointed: true });
      await fs.remove(`${FOLDER}/0000000000000000000${missing}.log`);
      await assert.rejects(reopen(fs), { code: 'KAFKA_STORAGE_ERROR' }, `segment ${missing}`);
    }
  });

  it('begins where the first segment does when the checkpoint was removed', async () => {
    const fs = await crashed(VALUES, { checkpointed: true });
    await fs.remove(FIRST);
    await fs.remove('/data/log-checkpoint');
    assert.deepEqual(await valuesOf(await reopen(fs)), VALUES.slice(3));
  });

  it('refuses an offset or an epoch that only a changed byte explains, of a compacted log too', async () => {
    const config = { cleanupPolicy: new Set(['compact'] as const) };
    // The highest byte but one of the offset, and of the leader epoch.
    for (const byte of [5, 14])
      for (const more of [{}, config]) {
        const fs = new MemoryFileSystem();
        const { log: open } = await openStore(fs, { config: more });
        const log = await open();
        for (const value of ['a', 'b', 'c']) {
          const builder = new BatchBuilder();
          builder.append(START_MS, Buffer.from(value), Buffer.from(value));
          await log.append(sealed(builder.build()), CLIENT).durable;
        }
        const killed = fs.crash({ keep: 'all' });
        await change(killed, FIRST, (all) => {
          all[byte]! ^= 1;
          return undefined;
        });
        await assert.rejects(reopen(killed, more), {
          code: 'KAFKA_STORAGE_ERROR',
          message: /WRONG_(OFFSET|LEADER_EPOCH).*intact otherwise/,
        });
      }
  });

  it('refuses when intact batches follow further away than one lost group reaches', async () => {
    const big = 'x'.repeat(MAX_GROUP_BYTES / 4);
    const fs = new MemoryFileSystem();
    const log = await (await openStore(fs, { config: { maxMessageBytes: MAX_GROUP_BYTES } })).log();
    await appendAll(log, ['a', 'b', big, big, big, big, 'far']);
    const flipped = fs.crash({ keep: 'all' });
    await change(flipped, FIRST, (all) => {
      all[100]! ^= 1;
      return undefined;
    });
    await assert.rejects(reopen(flipped), { message: /but an intact batch follows at position/ });
    // Under durability=os nothing was promised, and the order in which pages reached the disk is anyone's guess.
    assert.deepEqual(await valuesOf(await reopen(flipped, { durability: 'os' })), ['a']);
  });

  it('asks only for what was synced when durability=os became sync', async () => {
    const fs = new MemoryFileSystem();
    const { clock, log: open, config } = await openStore(fs, { config: { durability: 'os' } });
    const log = await open();
    await appendAll(log, ['a', 'b']);
    log.updateConfig({ ...config, durability: 'sync' });
    await clock.advance(1000);
    assert.deepEqual(await valuesOf(await reopen(fs.crash({ keep: 'synced' }))), ['a']);
  });

  it('refuses a damaged checkpoint by name', async () => {
    const fs = await crashed(VALUES, { checkpointed: true });
    await change(fs, '/data/log-checkpoint', (all) => all.subarray(0, all.length - 3));
    await assert.rejects(openStore(fs), {
      code: 'KAFKA_STORAGE_ERROR',
      message: /\/data\/log-checkpoint is damaged/,
    });
  });

  it('sweeps what an interrupted deletion left', async () => {
    const fs = await crashed(VALUES, { checkpointed: false });
    for (const name of ['00000000000000000000.log.deleted', '00000000000000000099.index', 'x.tmp']) {
      await change(fs, `${FOLDER}/${name}`, () => Buffer.from('left'));
    }
    await reopen(fs);
    const names = await fs.list(FOLDER);
    assert.ok(!names.some((name) => /deleted|099|tmp/.test(name)), names.join());
  });
});

describe('a flipped bit', () => {
  it('in any byte of a log refuses or is harmless', async () => {
    const whole = await crashed(['a', 'b', 'c'], { checkpointed: true });
    const length = (await readWholeFile(whole.crash({ keep: 'all' }), FIRST))!.length;
    for (let position = 0; position < length; position++) {
      const fs = whole.crash({ keep: 'all' });
      await change(fs, FIRST, (all) => {
        all[position]! ^= 1 << (position % 8);
        return undefined;
      });
      await assertRefusedOr(fs, ['a', 'b', 'c'], `byte ${position}`);
    }
  });

  it('in an index, a snapshot or a list of durable offsets is harmless, also after a clean stop', async () => {
    const whole = new MemoryFileSystem();
    const config = { segmentBytes: 500, indexIntervalBytes: 60 };
    const { store, clock, log: open } = await openStore(whole, { config });
    const log = await open();
    for (let i = 0; i < 20; i++) {
      const seal = { producerId: 5, producerEpoch: 0, baseSequence: i };
      await log.append(clientBatch({ values: [`${i}`], timestampsMs: [1000 + i], seal }), CLIENT).durable;
    }
    await clock.advance(1000);
    await store.close();
    const values = Array.from({ length: 20 }, (_, i) => `${i}`);
    const names = (await whole.list(FOLDER)).filter((name) => /index$|snapshot$/.test(name));
    const paths = [...names.map((name) => `${FOLDER}/${name}`), '/data/durable-offsets'];
    assert.ok(paths.length > 8, paths.join());
    for (const path of paths) {
      const length = (await readWholeFile(whole.crash({ keep: 'all' }), path))!.length;
      for (let position = 0; position < length; position++) {
        const wasCleanStop = position % 2 === 0;
        const fs = whole.crash({ keep: 'all' });
        await change(fs, path, (all) => {
          all[position]! ^= 1 << (position % 8);
          return undefined;
        });
        const next = await openStore(fs, { leaderEpoch: 2, tailBytes: 0, wasCleanStop, config });
        const reopened = await next.log();
        const context = `${path} byte ${position} clean ${wasCleanStop}`;
        assert.deepEqual(await valuesOf(reopened), values, context);
        for (const offset of [0, 7, 13, 19]) {
          const found = await reopened.findTimestamp(1000 + offset, 'read_uncommitted');
          assert.equal(found?.offset, offset, `${context}: time`);
        }
        const seal = { producerId: 5, producerEpoch: 0, baseSequence: 19 };
        const retry = reopened.append(clientBatch({ values: ['19'], timestampsMs: [1019], seal }), CLIENT);
        assert.deepEqual([retry.duplicate, retry.baseOffset], [true, 19], `${context}: retry`);
      }
    }
  });
});

async function assertRefusedOr(fs: MemoryFileSystem, values: string[], context: string): Promise<void> {
  let log: PartitionLog;
  try {
    log = await reopen(fs);
  } catch (error) {
    assert.match(String(error), /\.log/, context);
    return;
  }
  const records = await readAll(log);
  assert.deepEqual(
    records.map((record) => record.value),
    values,
    context,
  );
  assert.deepEqual(
    records.map((record) => record.offset),
    values.map((_, i) => i),
    context,
  );
}
