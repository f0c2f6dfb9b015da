import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Settings } from './settings.ts';

it('a stock server.properties is no error: unknown names have no effect, wrong values are named', () => {
  const given = new Map([
    ['process.roles', 'broker,controller'],
    ['zookeeper.connect', 'localhost:2181'],
    ['num.partitions', '3'],
  ]);
  assert.deepEqual(Settings.problems(given), []);
  assert.ok(Settings.unknown(given).includes('zookeeper.connect'));
  assert.ok(!Settings.unknown(given).includes('num.partitions'));
  const [problem] = Settings.problems(new Map([['num.partitions', 'many']]));
  assert.match(problem ?? '', /num\.partitions/);
});

it('what stored batches are compressed with follows the topic, with the level of its codec', () => {
  const settings = new Settings(new Map([['compression.gzip.level', '4']]));
  const compressionFor = (type: string) => {
    const config = new Map([['compression.type', type]]);
    return settings.log({
      name: 't',
      topicId: '',
      partitionCount: 1,
      replicationFactor: 1,
      internal: false,
      config,
    }).compression;
  };
  assert.deepEqual(['producer', 'uncompressed', 'gzip', 'zstd', 'lz4', 'snappy'].map(compressionFor), [
    undefined,
    { codec: 'none' },
    { codec: 'gzip', level: 4 },
    { codec: 'zstd', level: 3 },
    { codec: 'lz4' },
    { codec: 'snappy' },
  ]);
});
