import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CrashOptions, MemoryFileSystem } from '../../base/memory-fs.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { openStore, type TestStore } from '../log-fixture.ts';
import { COMPACTED, keyedBatch, type SeenRecord, seenBy } from './cleaner-fixture.ts';

/*
 * Compactions of a log with overwritten keys, tombstones, transactions of both ends and a numbered producer, cut off
 * at every call to the file system. Whatever a crash leaves: the same latest values at the same offsets.
 */
const CLEANER = { backoffMs: 1e9, dedupeBytes: 1e6 };
const NUMBERED = { producerId: 5, producerEpoch: 0 };

/** By key, the last committed value and where it lies. */
type Latest = ReadonlyMap<string, { readonly offset: number; readonly value: string }>;

function latest(records: readonly SeenRecord[]): Latest {
  const found = new Map<string, { offset: number; value: string }>();
  for (const { key, value, offset } of records) {
    if (value === null) found.delete(key);
    else found.set(key, { offset, value });
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function open(fs: MemoryFileSystem, leaderEpoch: number): Promise<TestStore> {
  return await openStore(fs, { leaderEpoch, config: { ...COMPACTED, segmentBytes: 700 }, cleaner: CLEANER });
}

/** What is to be compacted; all of it durable. */
async function written(): Promise<{ readonly fs: MemoryFileSystem; readonly expected: Latest }> {
  const fs = new MemoryFileSystem();
  const { store, log: openLog } = await open(fs, 1);
  const log = await openLog();
  for (let i = 0; i < 8; i++) {
    const value = i % 5 === 4 ? null : `value ${i}`;
    log.append(keyedBatch([{ key: `k${i % 4}`, value }]), { origin: 'client' });
    const seal = { ...NUMBERED, baseSequence: i };
    log.append(keyedBatch([{ key: `n${i % 3}`, value: `numbered ${i}` }], seal), { origin: 'client' });
    const producerId = 7 + (i % 2);
    const data = { producerId, producerEpoch: 0, baseSequence: Math.floor(i / 2), transactional: true };
    log.append(keyedBatch([{ key: `k${i % 4}`, value: `of ${producerId}, ${i}` }], data), {
      origin: 'client',
    });
    if (i % 4 < 2) continue;
    const outcome = i % 3 === 0 ? 'commit' : 'abort';
    const marker = { producerId, producerEpoch: 0, coordinatorEpoch: 1, outcome } as const;
    await log.appendMarker(marker).durable;
  }
  const expected = latest(await seenBy(log, 'read_committed'));
  await store.close();
  return { fs, expected };
}

/** Two compactions: the second meets delete horizons that have passed. */
async function compact(fs: MemoryFileSystem): Promise<void> {
  const { store, clock, log: openLog } = await open(fs, 2);
  const log = await openLog();
  const before = log.endOffset;
  await store.runCompaction();
  await clock.advance(2000);
  for (let i = 0; i < 3; i++) {
    await log.append(keyedBatch([{ key: 'late', value: 'y'.repeat(400) }]), { origin: 'client' }).durable;
  }
  await store.runCompaction();
  assert.ok(log.rewrittenBelow > before);
  await store.close();
}

async function check(
  fs: MemoryFileSystem,
  expected: Latest,
  context: string,
  { compactsAgain = true } = {},
): Promise<void> {
  const { store, log: openLog } = await open(fs, 3);
  const log = await openLog();
  const checkLatest = async (when: string) => {
    const found = latest(await seenBy(log, 'read_committed'));
    const { late: _, ...rest } = Object.fromEntries(found);
    assert.deepEqual(rest, Object.fromEntries(expected), `${context}: ${when}`);
  };
  await checkLatest('after the start');
  if (compactsAgain) {
    await store.runCompaction();
    await checkLatest('after another compaction');
  }
  const seal = { ...NUMBERED, baseSequence: 7 };
  const retry = log.append(keyedBatch([{ key: 'n1', value: 'numbered 7' }], seal), { origin: 'client' });
  assert.ok(retry.duplicate, `${context}: retry`);
  const leftovers = (await fs.list('/data/t-0')).filter((name) => /cleaned|swap/.test(name));
  assert.deepEqual(leftovers, [], context);
  await store.close();
}

const TEARS = ['bytes', 'sector', 'zeros'] as const;

/** One kind of crash for each call, so that this ends in a few seconds; every phase of a swap meets each kind. */
function crashes(call: number): CrashOptions[] {
  const tornTail = TEARS[call % TEARS.length]!;
  const random: CrashOptions = { keep: 'random', random: new SeededRandom(call), tornTail };
  return [[random], [{ keep: 'synced' } as const], [random], [{ keep: 'all' } as const]][call % 4]!;
}

describe('a crash at every file-system call of a compaction', () => {
  it('leaves the latest values, the offsets and the producers', async () => {
    const { fs: initial, expected } = await written();
    const whole = initial.crash({ keep: 'all' });
    await compact(whole);
    const callCount = whole.callCount;
    assert.ok(callCount > 100, `${callCount} calls`);
    for (let call = 1; call <= callCount; call++) {
      const fs = initial.crash({ keep: 'all' });
      fs.crashAtCall(call);
      await compact(fs).catch(() => undefined);
      for (const options of crashes(call)) {
        const context = `call ${call}, keep ${options.keep}`;
        await check(fs.crash(options), expected, context, { compactsAgain: call % 3 === 0 });
      }
    }
  });

  it('may come again while a swap is carried on', async () => {
    const { fs: initial, expected } = await written();
    const swapping = initial.crash({ keep: 'all' });
    // The first swap of a log has been offered and no old file is gone.
    swapping.onCall = ({ operation, path }) => {
      if (operation !== 'remove' || !path.endsWith('.log')) return;
      swapping.onCall = undefined;
      swapping.crashAtCall(0);
    };
    await compact(swapping).catch(() => undefined);
    for (let call = 1; call < 40; call++) {
      const again = swapping.crash({ keep: 'random', random: new SeededRandom(call) });
      again.crashAtCall(call);
      await open(again, 3)
        .then(({ log }) => log())
        .catch(() => undefined);
      for (const options of crashes(call)) {
        await check(again.crash(options), expected, `recovery call ${call}, keep ${options.keep}`);
      }
    }
  });
});
