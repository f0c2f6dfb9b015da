import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Logger } from '../base/logger.ts';
import { MemoryFileSystem } from '../base/memory-fs.ts';
import { clientBatch, openStore, valuesOf } from './log-fixture.ts';

const CLIENT = { origin: 'client' } as const;

describe('a failing disk', () => {
  const cases: [operation: 'open' | 'write' | 'sync', code: string][] = [
    ['write', 'ENOSPC'],
    ['write', 'EIO'],
    ['sync', 'EIO'],
    ['sync', 'ENOSPC'],
    ['open', 'EIO'],
  ];
  for (const [operation, code] of cases) {
    it(`fences the partition for good after ${code} on ${operation}`, async () => {
      const fs = new MemoryFileSystem();
      // Without a cache of handles every write opens its file.
      const {
        store,
        log: open,
        config,
      } = await openStore(fs, { maxOpenFiles: operation === 'open' ? 0 : 10 });
      const log = await open();
      await log.append(clientBatch('kept'), CLIENT).durable;
      let woken = 0;
      log.onAdvance(() => woken++);
      fs.failNext(operation, code, { afterBytes: 20 });
      const lost = log.append(clientBatch('lost'), CLIENT);
      const gathered = log.append(clientBatch('lost too'), CLIENT);
      await assert.rejects(lost.durable, { code: 'KAFKA_STORAGE_ERROR' });
      await assert.rejects(gathered.durable, { code: 'KAFKA_STORAGE_ERROR' });
      assert.deepEqual([woken, log.highWatermark], [1, 1]);
      assert.ok(log.failure?.message.includes(code), log.failure?.message);
      assert.throws(() => log.append(clientBatch('again'), CLIENT), { code: 'KAFKA_STORAGE_ERROR' });
      assert.deepEqual(await valuesOf(log), ['kept'], 'what is durable stays readable');
      // Other partitions go on.
      const other = await store.partition('t', 1, config);
      await other.append(clientBatch('other'), CLIENT).durable;
      await store.close();
      const next = await openStore(fs, { leaderEpoch: 2, wasCleanStop: true });
      const reopened = await next.log();
      const values = await valuesOf(reopened);
      assert.deepEqual(values.slice(0, 1), ['kept']);
      await reopened.append(clientBatch('on'), CLIENT).durable;
      assert.deepEqual((await valuesOf(reopened)).at(-1), 'on');
    });
  }

  it('is late but not fenced while no descriptor is free', async () => {
    const fs = new MemoryFileSystem();
    const { clock, log: open } = await openStore(fs, { maxOpenFiles: 0 });
    const log = await open();
    fs.failNext('open', 'EMFILE', { times: 3 });
    const appended = log.append(clientBatch('late'), CLIENT);
    await clock.advance(1_000);
    await appended.durable;
    assert.deepEqual(await valuesOf(log), ['late']);
  });

  it('fences it when the new segment cannot be made durable', async () => {
    const fs = new MemoryFileSystem();
    const log = await (await openStore(fs, { config: { segmentBytes: 100 } })).log();
    await log.append(clientBatch('a'), CLIENT).durable;
    fs.failNext('syncDirectory', 'EIO');
    await assert.rejects(log.append(clientBatch('b'), CLIENT).durable, { code: 'KAFKA_STORAGE_ERROR' });
    assert.equal(log.highWatermark, 1);
  });

  it('tells a retry of a lost batch the same as the original', async () => {
    const fs = new MemoryFileSystem();
    const log = await (await openStore(fs)).log();
    const batch = () =>
      clientBatch({ values: ['a'], seal: { producerId: 1, producerEpoch: 0, baseSequence: 0 } });
    fs.failNext('sync', 'EIO');
    const original = log.append(batch(), CLIENT);
    const retry = log.append(batch(), CLIENT);
    assert.deepEqual([retry.duplicate, retry.baseOffset], [true, 0]);
    await assert.rejects(original.durable, { code: 'KAFKA_STORAGE_ERROR' });
    await assert.rejects(retry.durable, { code: 'KAFKA_STORAGE_ERROR' });
  });

  it('goes on when only the background checkpoint fails', async () => {
    const fs = new MemoryFileSystem();
    const { clock, log: open } = await openStore(fs);
    const log = await open();
    await log.append(clientBatch('a'), CLIENT).durable;
    fs.failNext('open', 'ENOSPC');
    await clock.advance(1000);
    await log.append(clientBatch('b'), CLIENT).durable;
    await clock.advance(1000);
    assert.ok((await fs.list('/data')).includes('durable-offsets'));
    assert.equal(log.failure, undefined);
  });

  it('reads with few file handles', async () => {
    const fs = new MemoryFileSystem();
    const { store, config } = await openStore(fs, { maxOpenFiles: 2, tailBytes: 0 });
    const logs = await Promise.all([0, 1, 2, 3, 4, 5].map((i) => store.partition('t', i, config)));
    await Promise.all(logs.map((log, i) => log.append(clientBatch(`p${i}`), CLIENT).durable));
    let open = 0;
    let most = 0;
    fs.onCall = ({ operation }) => {
      if (operation === 'open') open++;
      if (operation === 'close') open--;
      most = Math.max(most, open);
    };
    for (const log of logs) await valuesOf(log);
    assert.deepEqual(
      await Promise.all(logs.map(valuesOf)),
      [0, 1, 2, 3, 4, 5].map((i) => [`p${i}`]),
    );
    assert.ok(most <= 6, `${most} more open at once`);
  });

  const losses: [what: string, (fs: MemoryFileSystem, path: string) => Promise<void>][] = [
    ['is gone', (fs, path) => fs.remove(path)],
    ['was cut', async (fs, path) => (await fs.open(path, { create: false })).truncate(30)],
    ['is empty', async (fs, path) => (await fs.open(path, { create: false })).truncate(0)],
    ['cannot be opened', async (fs) => fs.failNext('open', 'EIO', { times: 10 })],
  ];
  for (const [what, lose] of losses)
    it(`answers readers of a segment that ${what} after a clean stop with the code, and says so once`, async () => {
      const fs = new MemoryFileSystem();
      const { store, log: first } = await openStore(fs, { config: { segmentBytes: 100 } });
      for (const value of ['a', 'b', 'c']) await (await first()).append(clientBatch(value), CLIENT).durable;
      await store.close();
      const lines: string[] = [];
      const error = (message: string, fields?: object) => lines.push(`${message} ${JSON.stringify(fields)}`);
      const logger: Logger = { debug() {}, info() {}, warn() {}, error, child: () => logger };
      const log = await (await openStore(fs, { wasCleanStop: true, logger })).log();
      const path = '/data/t-0/00000000000000000001.log';
      await lose(fs, path);
      for (let n = 0; n < 3; n++)
        await assert.rejects(log.read(1, { maxBytes: 1000, isolation: 'read_committed' }), {
          code: 'KAFKA_STORAGE_ERROR',
        });
      assert.equal(lines.length, 1, lines.join());
      assert.match(lines[0]!, /restore the partition's folder/);
      assert.ok(what === 'cannot be opened' || lines[0]!.includes(path), lines[0]);
    });
});
