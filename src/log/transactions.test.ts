import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryFileSystem } from '../base/memory-fs.ts';
import { clientBatch, openStore, recordsIn } from './log-fixture.ts';
import type { PartitionLog } from './partition-log.ts';

const CLIENT = { origin: 'client' } as const;
const COMMITTED = { maxBytes: 1024 * 1024, isolation: 'read_committed' } as const;

function send(
  log: PartitionLog,
  producerId: number,
  baseSequence: number,
  transactional = true,
): Promise<void> {
  const seal = { producerId, producerEpoch: 0, baseSequence, transactional };
  return log.append(clientBatch({ values: [`${producerId}:${baseSequence}`], seal }), CLIENT).durable;
}

function end(log: PartitionLog, producerId: number, outcome: 'commit' | 'abort', epochs = {}): Promise<void> {
  return log.appendMarker({ producerId, producerEpoch: 0, coordinatorEpoch: 1, outcome, ...epochs }).durable;
}

async function openLog(config = {}): Promise<PartitionLog> {
  return (await openStore(new MemoryFileSystem(), { config })).log();
}

describe('last stable offset', () => {
  it('waits for the oldest open transaction', async () => {
    const log = await openLog();
    await send(log, 1, 0);
    await send(log, 2, 0);
    await send(log, 3, 0, false);
    assert.deepEqual([log.lastStableOffset, log.highWatermark], [0, 3]);
    assert.deepEqual(
      log.openTransactions().map((open) => open.firstOffset),
      [0, 1],
    );
    await end(log, 2, 'commit');
    assert.equal(log.lastStableOffset, 0);
    await end(log, 1, 'abort');
    assert.equal(log.lastStableOffset, 5);
    const read = await log.read(0, COMMITTED);
    assert.deepEqual(read.abortedTransactions, [{ producerId: 1, firstOffset: 0 }]);
    assert.equal(recordsIn(read.bytes).length, 5);
  });

  it('does not pass a marker that is not durable', async () => {
    const log = await openLog();
    await send(log, 1, 0);
    // The high watermark lies inside the transaction until the marker is synced.
    const marker = end(log, 1, 'abort');
    assert.deepEqual([log.endOffset, log.highWatermark, log.lastStableOffset], [2, 1, 0]);
    await marker;
    assert.equal(log.lastStableOffset, 2);
  });

  it('wakes listeners on commit, also when they wait for bytes', async () => {
    const log = await openLog();
    await send(log, 1, 0);
    assert.equal(log.bytesAvailable(0, 'read_committed'), 0);
    let seen = 0;
    log.onAdvance(() => {
      seen = log.bytesAvailable(0, 'read_committed');
    });
    await end(log, 1, 'commit');
    assert.ok(seen > 0);
  });

  it('never falls below the log start', async () => {
    const log = await openLog();
    await send(log, 1, 0);
    await send(log, 2, 0, false);
    await log.deleteRecordsBefore(2);
    assert.equal(log.lastStableOffset, 2);
  });
});

describe('markers', () => {
  it('are fenced by epochs', async () => {
    const log = await openLog();
    await end(log, 1, 'commit', { producerEpoch: 5, coordinatorEpoch: 7 });
    const cases: [object, string][] = [
      [{ producerEpoch: 4, coordinatorEpoch: 7 }, 'INVALID_PRODUCER_EPOCH'],
      [{ producerEpoch: 5, coordinatorEpoch: 6 }, 'TRANSACTION_COORDINATOR_FENCED'],
    ];
    for (const [epochs, code] of cases) assert.throws(() => end(log, 1, 'abort', epochs), { code });
    assert.equal(log.endOffset, 1);
    await end(log, 1, 'abort', { producerEpoch: 6, coordinatorEpoch: 7 });
  });

  it('come from the coordinator alone', async () => {
    const source = await openLog();
    await end(source, 1, 'commit');
    const { bytes } = await source.read(0, COMMITTED);
    const log = await openLog();
    assert.throws(() => log.append(Buffer.from(bytes), CLIENT), { code: 'INVALID_RECORD' });
  });

  it('leave nothing in the index of aborted transactions when there was none', async () => {
    const log = await openLog();
    await end(log, 1, 'abort');
    assert.deepEqual((await log.read(0, COMMITTED)).abortedTransactions, []);
  });
});

describe('aborted transactions', () => {
  it('are found from any offset they cover, over segments, restarts and crashes', async () => {
    const fs = new MemoryFileSystem();
    const config = { segmentBytes: 260 };
    const first = await openStore(fs, { config });
    const log = await first.log();
    // Producer 1 aborts 0..9 (marker 10), producer 2 commits 11 (marker 12), producer 1 aborts 13 (marker 14).
    for (let i = 0; i < 10; i++) await send(log, 1, i);
    await end(log, 1, 'abort');
    await send(log, 2, 0);
    await end(log, 2, 'commit');
    await send(log, 1, 10);
    await end(log, 1, 'abort');
    const killed = fs.crash({ keep: 'all' });
    const reopened: PartitionLog[] = [await (await openStore(killed, { leaderEpoch: 2, config })).log()];
    const clean = fs.crash({ keep: 'all' });
    const second = await openStore(clean, { leaderEpoch: 2, config });
    await second.log();
    await second.store.close();
    reopened.push(await (await openStore(clean, { leaderEpoch: 3, wasCleanStop: true, config })).log());
    for (const next of reopened) {
      for (let offset = 0; offset < 15; offset++) {
        const read = await next.read(offset, { ...COMMITTED, maxBytes: 1 });
        const expected =
          offset <= 10
            ? [{ producerId: 1, firstOffset: 0 }]
            : offset >= 13
              ? [{ producerId: 1, firstOffset: 13 }]
              : [];
        assert.deepEqual(read.abortedTransactions, expected, `offset ${offset}`);
      }
      assert.equal(next.lastStableOffset, 15);
    }
  });
});

describe('an index of aborted transactions', () => {
  it('with any bit flipped is written anew from the log', async () => {
    const fs = new MemoryFileSystem();
    const config = { segmentBytes: 260 };
    const { clock, log: open } = await openStore(fs, { config });
    const log = await open();
    await send(log, 1, 0);
    await end(log, 1, 'abort');
    await send(log, 1, 1);
    await end(log, 1, 'abort');
    await send(log, 2, 0);
    await clock.advance(1000);
    const killed = fs.crash({ keep: 'all' });
    const { store: again, log: openAgain } = await openStore(killed, { config, leaderEpoch: 2 });
    await openAgain();
    await again.close();
    const names = (await killed.list('/data/t-0')).filter((name) => name.endsWith('txnindex'));
    assert.equal(names.length, 2);
    for (const name of names) {
      for (let position = 0; position < 34; position++) {
        for (const wasCleanStop of [true, false]) {
          const damaged = killed.crash({ keep: 'all' });
          const handle = await damaged.open(`/data/t-0/${name}`, { create: false });
          const byte = Buffer.alloc(1);
          await handle.read(byte, position);
          byte[0]! ^= 1 << (position % 8);
          await handle.write([byte], position);
          await handle.close();
          const next = await openStore(damaged, { config, leaderEpoch: 3, wasCleanStop });
          const reopened = await next.log();
          const found = [];
          for (const offset of [0, 2])
            found.push(...(await reopened.read(offset, { ...COMMITTED, maxBytes: 1 })).abortedTransactions);
          const context = `${name} byte ${position} clean ${wasCleanStop}`;
          assert.deepEqual(
            found,
            [
              { producerId: 1, firstOffset: 0 },
              { producerId: 1, firstOffset: 2 },
            ],
            context,
          );
        }
      }
    }
  });
});

describe('a batch inside an open transaction', () => {
  it('must be transactional', async () => {
    const log = await openLog();
    await send(log, 1, 0);
    assert.throws(() => send(log, 1, 1, false), { code: 'INVALID_TXN_STATE' });
    await send(log, 1, 1);
  });
});
