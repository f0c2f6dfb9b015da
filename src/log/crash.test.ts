import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CrashOptions, MemoryFileSystem } from '../base/memory-fs.ts';
import { SeededRandom } from '../base/seeded-random.ts';
import { clientBatch, openStore, readAll, recordsIn, type TestStore } from './log-fixture.ts';
import type { PartitionLog } from './partition-log.ts';

/*
 * A short life of a partition, cut off at every single call it makes to the file system, then reopened on what a
 * crash may leave. The journal notes what was promised before the crash.
 */
const CONFIG = { segmentBytes: 700, indexIntervalBytes: 100 };
const PRODUCER_ID = 9;
const TRANSACTIONAL_ID = 10;

class Journal {
  /** Every value ever given an offset, promised or not. */
  readonly given = new Map<number, string[]>();
  readonly acknowledged = new Map<number, string>();
  readonly committed = new Set<string>();
  readonly aborted = new Set<string>();
  /** The last batch of the idempotent producer: its retry must be recognised. */
  retry: { sequence: number; value: string; offset: number } | undefined;
  logStartOffset = 0;
  wasCleanStop = false;
}

async function append(log: PartitionLog, journal: Journal, value: string, seal = {}): Promise<number> {
  const appended = log.append(clientBatch({ values: [value], seal }), { origin: 'client' });
  const { baseOffset } = appended;
  journal.given.set(baseOffset, [...(journal.given.get(baseOffset) ?? []), value]);
  await appended.durable;
  journal.acknowledged.set(baseOffset, value);
  return baseOffset;
}

async function live(fs: MemoryFileSystem, journal: Journal): Promise<void> {
  const { store, clock, log: open } = await openStore(fs, { config: CONFIG });
  const log = await open();
  await Promise.all([1, 2, 3].map((i) => append(log, journal, `plain ${i}`)));
  for (let sequence = 0; sequence < 4; sequence++) {
    const value = `idempotent ${sequence}`;
    const offset = await append(log, journal, value, {
      producerId: PRODUCER_ID,
      producerEpoch: 0,
      baseSequence: sequence,
    });
    journal.retry = { sequence, value, offset };
  }
  await clock.advance(1500);
  let sequence = 0;
  for (const outcome of ['abort', 'commit', 'abort'] as const) {
    const values: string[] = [];
    for (let i = 0; i < 2; i++) {
      const value = `${outcome} ${sequence}`;
      values.push(value);
      if (outcome === 'abort') journal.aborted.add(value);
      const seal = {
        producerId: TRANSACTIONAL_ID,
        producerEpoch: 0,
        baseSequence: sequence++,
        transactional: true,
      };
      await append(log, journal, value, seal);
      await append(log, journal, `between ${outcome} ${sequence}`);
    }
    const marker = { producerId: TRANSACTIONAL_ID, producerEpoch: 0, coordinatorEpoch: 1, outcome };
    await log.appendMarker(marker).durable;
    if (outcome === 'commit') for (const value of values) journal.committed.add(value);
  }
  await log.deleteRecordsBefore(4);
  journal.logStartOffset = 4;
  await clock.advance(1500);
  for (let i = 0; i < 3; i++) await append(log, journal, `late ${i}`);
  await store.close();
  journal.wasCleanStop = true;
}

async function reopen(fs: MemoryFileSystem, journal: Journal): Promise<TestStore> {
  return await openStore(fs, { config: CONFIG, leaderEpoch: 2, wasCleanStop: journal.wasCleanStop });
}

async function check(fs: MemoryFileSystem, journal: Journal, context: string): Promise<void> {
  const { store, log: open } = await reopen(fs, journal);
  const log = await open();
  const records = await readAll(log);
  assert.ok(log.logStartOffset >= journal.logStartOffset, `${context}: log start`);
  const offsets = records.map((record) => record.offset);
  const expected = Array.from(
    { length: log.endOffset - log.logStartOffset },
    (_, i) => log.logStartOffset + i,
  );
  assert.deepEqual(offsets, expected, `${context}: offsets have no gap`);
  for (const { offset, value } of records) {
    if (value !== '(control)')
      assert.ok(journal.given.get(offset)?.includes(value), `${context}: ${offset} = ${value}`);
  }
  const found = new Map(records.map((record) => [record.offset, record.value]));
  for (const [offset, value] of journal.acknowledged) {
    if (offset >= log.logStartOffset)
      assert.equal(found.get(offset), value, `${context}: acknowledged ${offset}`);
  }
  await checkCommitted(log, journal, context);
  if (journal.retry !== undefined) {
    const { sequence, value, offset } = journal.retry;
    const seal = { producerId: PRODUCER_ID, producerEpoch: 0, baseSequence: sequence };
    const again = log.append(clientBatch({ values: [value], seal }), { origin: 'client' });
    assert.deepEqual([again.duplicate, again.baseOffset], [true, offset], `${context}: retry`);
    await again.durable;
  }
  const appended = log.append(clientBatch('after'), { origin: 'client' });
  await appended.durable;
  assert.equal((await readAll(log)).at(-1)?.value, 'after', `${context}: goes on`);
  await store.close();
}

async function checkCommitted(log: PartitionLog, journal: Journal, context: string): Promise<void> {
  for (const { producerId, producerEpoch } of log.openTransactions()) {
    await log.appendMarker({ producerId, producerEpoch, coordinatorEpoch: 2, outcome: 'abort' }).durable;
  }
  const options = { maxBytes: 1024 * 1024, isolation: 'read_committed' } as const;
  const visible = new Set<string>();
  let offset = log.logStartOffset;
  for (;;) {
    const read = await log.read(offset, options);
    if (read.bytes.length === 0) break;
    // As a client filters: an aborted producer's records up to its next marker.
    const aborting = new Set<number>();
    const ahead = [...read.abortedTransactions].sort((a, b) => a.firstOffset - b.firstOffset);
    for (const { offset: at, value } of recordsIn(read.bytes)) {
      while (ahead.length > 0 && ahead[0]!.firstOffset <= at) aborting.add(ahead.shift()!.producerId);
      if (value === '(control)') aborting.clear();
      else if (!(aborting.has(TRANSACTIONAL_ID) && /^(abort|commit)/.test(value))) visible.add(value);
    }
    offset = read.nextOffset;
  }
  for (const value of journal.aborted) assert.ok(!visible.has(value), `${context}: ${value} was aborted`);
  for (const value of journal.committed) assert.ok(visible.has(value), `${context}: ${value} was committed`);
}

const TEARS = ['bytes', 'sector', 'zeros'] as const;

/** What a crash at this call may leave: nothing unsynced, everything, and some of it, torn in one of three ways. */
function crashes(call: number): CrashOptions[] {
  const random = new SeededRandom(call);
  return [
    { keep: 'synced' },
    { keep: 'all' },
    { keep: 'random', random, tornTail: TEARS[call % TEARS.length]! },
  ];
}

describe('a crash at every file-system call', () => {
  it('loses nothing acknowledged and shows nothing aborted', async () => {
    const whole = new MemoryFileSystem();
    await live(whole, new Journal());
    const callCount = whole.callCount;
    assert.ok(callCount > 100, `${callCount} calls`);
    for (let call = 1; call <= callCount; call++) {
      const fs = new MemoryFileSystem();
      fs.crashAtCall(call);
      const journal = new Journal();
      await live(fs, journal).catch(() => undefined);
      for (const options of crashes(call)) {
        await check(fs.crash(options), journal, `call ${call}, keep ${options.keep}`);
      }
    }
  });

  it('survives a second crash during recovery', async () => {
    const journal = new Journal();
    const fs = new MemoryFileSystem();
    fs.crashAtCall(90);
    await live(fs, journal).catch(() => undefined);
    for (let call = 1; call < 60; call++) {
      const again = fs.crash({ keep: 'random', random: new SeededRandom(call), tornTail: 'bytes' });
      again.crashAtCall(call);
      await reopen(again, journal)
        .then(({ log }) => log())
        .catch(() => undefined);
      await check(again.crash({ keep: 'synced' }), journal, `recovery call ${call}`);
    }
  });
});
