import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryFileSystem } from '../base/memory-fs.ts';
import { clientBatch, openStore, START_MS, valuesOf } from './log-fixture.ts';
import { countExpired } from './retention.ts';

const CLIENT = { origin: 'client' } as const;

describe('retention', () => {
  /** Newest timestamps and sizes, oldest segment first; now is 1000. */
  const cases: [
    name: string,
    segments: [newestMs: number, bytes: number][],
    retentionMs: number,
    retentionBytes: number,
    expired: number,
  ][] = [
    [
      'keeps all without limits',
      [
        [0, 10],
        [0, 10],
      ],
      Infinity,
      Infinity,
      0,
    ],
    [
      'goes by the newest record',
      [
        [100, 10],
        [200, 10],
        [900, 10],
      ],
      500,
      Infinity,
      2,
    ],
    [
      'stops at the first segment to keep',
      [
        [100, 10],
        [900, 10],
        [100, 10],
      ],
      500,
      Infinity,
      1,
    ],
    [
      'reaches the active segment by time',
      [
        [100, 10],
        [200, 10],
      ],
      500,
      Infinity,
      2,
    ],
    [
      'leaves an empty active segment',
      [
        [100, 10],
        [-1, 0],
      ],
      500,
      Infinity,
      1,
    ],
    [
      'keeps at least the size',
      [
        [0, 10],
        [0, 10],
        [0, 10],
      ],
      Infinity,
      20,
      1,
    ],
    [
      'does not go below the size',
      [
        [0, 10],
        [0, 10],
        [0, 10],
      ],
      Infinity,
      21,
      0,
    ],
    [
      'never removes the active segment by size',
      [
        [0, 10],
        [0, 10],
      ],
      Infinity,
      0,
      1,
    ],
  ];
  for (const [name, segments, retentionMs, retentionBytes, expired] of cases) {
    it(name, () => {
      const described = segments.map(([maxTimestampMs, bytes]) => ({ maxTimestampMs, bytes, createdMs: 0 }));
      assert.equal(countExpired(described, { retentionMs, retentionBytes }, 1000), expired);
    });
  }

  it('removes files, moves the log start and survives a restart', async () => {
    for (const clean of [true, false]) {
      const fs = new MemoryFileSystem();
      const config = { segmentBytes: 160, retentionMs: 10_000 };
      const { store, clock, log: open } = await openStore(fs, { config, tailBytes: 0 });
      const log = await open();
      for (let i = 0; i < 6; i++) {
        await log.append(clientBatch({ values: [`${i}`], timestampsMs: [START_MS + i * 5000] }), CLIENT)
          .durable;
      }
      await clock.advance(26_000);
      let woken = 0;
      log.onAdvance(() => woken++);
      await store.runRetention();
      assert.deepEqual([log.logStartOffset, woken, await valuesOf(log)], [4, 1, ['4', '5']]);
      const names = await fs.list('/data/t-0');
      assert.ok(
        !names.some((name) => name.startsWith('0000000000000000000') && Number(name.slice(0, 20)) < 4),
        names.join(),
      );
      if (clean) await store.close();
      const next = clean ? fs : fs.crash({ keep: 'synced' });
      const again = await openStore(next, { config, wasCleanStop: clean, leaderEpoch: 2 });
      assert.deepEqual(await valuesOf(await again.log()), ['4', '5']);
    }
  });

  it('empties a log whose last record is too old, but keeps counting', async () => {
    for (const keep of ['synced', 'all'] as const) {
      const fs = new MemoryFileSystem();
      const { store, clock, log: open } = await openStore(fs, { config: { retentionMs: 1000 } });
      const log = await open();
      for (const value of ['a', 'b']) await log.append(clientBatch(value), CLIENT).durable;
      await clock.advance(5000);
      await store.runRetention();
      assert.deepEqual([log.logStartOffset, log.endOffset, log.sizeBytes], [2, 2, 0]);
      const next = await (await openStore(fs.crash({ keep }), { leaderEpoch: 2 })).log();
      assert.equal(next.append(clientBatch('c'), CLIENT).baseOffset, 2);
    }
  });

  it('does not wait for a producer that never pauses', async () => {
    const fs = new MemoryFileSystem();
    const { store, log: open } = await openStore(fs, { config: { segmentBytes: 160, retentionBytes: 160 } });
    const log = await open();
    for (let i = 0; i < 10; i++) await log.append(clientBatch(`${i}`), CLIENT).durable;
    let left = 500;
    fs.onCall = ({ operation, path }) => {
      // While one group is being written the next is there already.
      if (operation === 'write' && path.endsWith('.log') && left-- > 0)
        log.append(clientBatch('more'), CLIENT);
    };
    await log.append(clientBatch('first'), CLIENT).durable;
    await store.runRetention();
    await log.maxTimestamp();
    assert.ok(left > 400 && log.logStartOffset > 0, `${left} left, log start ${log.logStartOffset}`);
    await store.close();
  });

  it('leaves a compacted log alone', async () => {
    const {
      store,
      clock,
      log: open,
    } = await openStore(new MemoryFileSystem(), {
      config: { retentionMs: 1000, cleanupPolicy: new Set(['compact']) },
    });
    const log = await open();
    await log.append(clientBatch('a'), { origin: 'internal' }).durable;
    await clock.advance(5000);
    await store.runRetention();
    assert.deepEqual(await valuesOf(log), ['a']);
  });
});

describe('a segment', () => {
  it('ends after segment.ms of record time', async () => {
    const fs = new MemoryFileSystem();
    const log = await (await openStore(fs, { config: { segmentMs: 1000 } })).log();
    for (const timestampMs of [5000, 6000, 6001, 6500]) {
      await log.append(clientBatch({ values: ['x'], timestampsMs: [timestampMs] }), CLIENT).durable;
    }
    const logs = (await fs.list('/data/t-0')).filter((name) => name.endsWith('.log'));
    assert.deepEqual(
      logs.map((name) => Number.parseInt(name, 10)),
      [0, 2],
    );
  });
});
