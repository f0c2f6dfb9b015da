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
