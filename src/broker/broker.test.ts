import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { batchOf, valuesOf } from '../../test/support/records.ts';
import { systemClock } from '../base/clock.ts';
import type { FileSystem } from '../base/fs.ts';
import { LockHeldError } from '../base/lock.ts';
import { silentLogger } from '../base/logger.ts';
import { MemoryFileSystem } from '../base/memory-fs.ts';
import { SeededRandom } from '../base/seeded-random.ts';
import { replaceWholeFile } from '../log/whole-file.ts';
import { Broker, type BrokerOptions } from './broker.ts';
import { StartError } from './start-error.ts';

function start(fs: FileSystem, options: Partial<BrokerOptions> = {}): Promise<Broker> {
  return Broker.start({
    fs,
    dataDir: '/data',
    clock: systemClock,
    random: new SeededRandom(7),
    logger: silentLogger,
    listen: { host: '127.0.0.1', port: 0 },
    ...options,
  });
}

const oneLine = (pattern: RegExp) => (error: unknown) =>
  error instanceof StartError && pattern.test(error.message) && !error.message.includes('\n');

describe('a broker', () => {
  it('has after a restart what it had, under the same cluster id and a higher leader epoch', async () => {
    const fs = new MemoryFileSystem();
    const partition = { topic: 't', partition: 0 };
    const first = await start(fs);
    await first.topics.create({ name: 't', partitionCount: 1 });
    await first.topics.append({ ...partition, batch: batchOf('a') });
    await first.stop();
    const second = await start(fs);
    assert.equal(second.clusterId, first.clusterId);
    await second.topics.append({ ...partition, batch: batchOf('b') });
    assert.deepEqual(await valuesOf(second.topics, partition), ['a', 'b']);
    const { bytes } = await second.topics.read(partition, 0, { maxBytes: 1000, isolation: 'read_committed' });
    const leaderEpochAt = (position: number) => bytes.readInt32BE(position + 12);
    assert.deepEqual([leaderEpochAt(0), leaderEpochAt(12 + bytes.readInt32BE(8))], [0, 1]);
    await second.stop();
  });

  it('shows its groups with what they have committed', async () => {
    const broker = await start(new MemoryFileSystem());
    await broker.topics.create({ name: 'in', partitionCount: 1 });
    const writer = await broker.topics.transact('id');
    const positions = [{ topic: 'in', partition: 0, offset: 3 }];
    await writer.commit({ batches: [], group: 'g', positions });
    assert.deepEqual(broker.groups(), [{ groupId: 'g', state: 'Empty', members: 0, positions }]);
    await broker.stop();
  });

  it('stops once, however often it is asked', async () => {
    const broker = await start(new MemoryFileSystem());
    await Promise.all([broker.stop(), broker.stop()]);
  });

  it('removes the logs of a topic whose deletion a crash cut short', async () => {
    const fs = new MemoryFileSystem();
    const broker = await start(fs);
    await broker.topics.create({ name: 't', partitionCount: 1 });
    await broker.topics.append({ topic: 't', partition: 0, batch: batchOf('a') });
    await broker.stop();
    // As a crash between the decision and the removal leaves it.
    await fs.makeDirectory('/data/log/gone-0');
    await fs.syncDirectory('/data/log');
    const again = await start(fs);
    assert.ok(!(await fs.list('/data/log')).includes('gone-0'));
    assert.ok((await fs.list('/data/log')).includes('t-0'));
    await again.stop();
  });
});

describe('a start that cannot succeed says why in one line', () => {
  it('a port in use', async () => {
    const first = await start(new MemoryFileSystem());
    const port = Number(first.address.split(':')[1]);
    const second = start(new MemoryFileSystem(), { listen: { host: '127.0.0.1', port } });
    await assert.rejects(second, oneLine(new RegExp(`Port ${port} at 127\\.0\\.0\\.1 is in use`)));
    await first.stop();
  });

  it('a folder of another format version', async () => {
    const fs = new MemoryFileSystem();
    await fs.makeDirectory('/data');
    const text = Buffer.from('version=2\ncluster.id=x\nstart.epoch=1\n');
    await replaceWholeFile(fs, '/data/meta.properties', text, { sync: true });
    await assert.rejects(start(fs), oneLine(/format version 2; this server reads version 1/));
  });

  it('a damaged meta.properties', async () => {
    const fs = new MemoryFileSystem();
    await fs.makeDirectory('/data');
    await replaceWholeFile(fs, '/data/meta.properties', Buffer.from('version=1\n'), { sync: true });
    await assert.rejects(start(fs), oneLine(/meta\.properties is damaged/));
  });

  it('an empty meta.properties, as a power cut may leave it', async () => {
    const fs = new MemoryFileSystem();
    await fs.makeDirectory('/data');
    await replaceWholeFile(fs, '/data/meta.properties', Buffer.alloc(0), { sync: true });
    await assert.rejects(start(fs), oneLine(/meta\.properties is damaged/));
  });

  it('logs without a meta.properties, however often it is tried', async () => {
    const fs = new MemoryFileSystem();
    await (await start(fs)).stop();
    await fs.remove('/data/meta.properties');
    for (let n = 0; n < 2; n++) await assert.rejects(start(fs), oneLine(/has logs but no meta\.properties/));
  });

  it('a folder it may not write', async () => {
    const fs = new MemoryFileSystem();
    fs.failNext('makeDirectory', 'EACCES', { times: 2 });
    await assert.rejects(start(fs), oneLine(/\/data cannot be written \(EACCES\)/));
  });

  it('a folder in use', async () => {
    const lock = () => Promise.reject(new LockHeldError('/data', 4711));
    await assert.rejects(start(new MemoryFileSystem(), { lock }), oneLine(/in use by process 4711/));
  });

  it('a value that is none', async () => {
    const fs = new MemoryFileSystem();
    await assert.rejects(
      start(fs, { config: { 'num.partitions': '0' } }),
      oneLine(/num\.partitions.*at least 1/),
    );
  });

  it('logs without the metadata that says whose they are', async () => {
    const fs = new MemoryFileSystem();
    const broker = await start(fs);
    await broker.topics.create({ name: 't', partitionCount: 1 });
    await broker.topics.append({ topic: 't', partition: 0, batch: batchOf('a') });
    await broker.stop();
    await fs.remove('/data/log/__millrace_metadata-0');
    await fs.remove('/data/log/log-checkpoint');
    await fs.remove('/data/log/durable-offsets');
    await assert.rejects(start(fs), oneLine(/has logs but no __millrace_metadata/));
    assert.ok((await fs.list('/data/log')).includes('t-0'), 'nothing is removed');
  });
});
