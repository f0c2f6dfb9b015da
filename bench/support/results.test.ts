import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { merge, type ResultFile, type ResultRow, type RowSpec, type Run, resultRow } from './results.ts';

const spec: RowSpec = {
  bench: 'b',
  name: 'n',
  unit: 'u',
  better: 'higher',
  settings: {},
  ours: [{ value: 20 }],
  rival: { name: 'R', rounds: [{ value: 10 }] },
};

describe('a ratio says how many times better ours is', () => {
  it('where higher is better', () => assert.equal(resultRow(spec).ratio, 2));
  it('where lower is better', () => assert.equal(resultRow({ ...spec, better: 'lower' }).ratio, 0.5));
  it('and is empty without a rival', () => {
    const { ratio, rivalName } = resultRow({ ...spec, rival: undefined });
    assert.deepEqual([ratio, rivalName], [null, null]);
  });
  it('and is empty when ours was skipped', () => {
    const row = resultRow({ ...spec, ours: [], skipped: 'refused' });
    assert.deepEqual([row.ours, row.ratio, row.skipped], [null, null, 'refused']);
  });
});

describe('merge', () => {
  const run = (takenAt: string): Run => ({ takenAt, commit: 'c', machine: {}, versions: {} });
  const row = (name: string): ResultRow => resultRow({ ...spec, name });
  const names = (file: ResultFile) => file.rows.map((kept) => `${kept.name}@${kept.run}`);

  it('replaces rows of the same name and keeps the others with their run', () => {
    const first = merge(undefined, [row('a'), row('b')], run('1'));
    const second = merge(first, [row('b')], run('2'));
    assert.deepEqual(names(second), ['a@1', 'b@2']);
    assert.deepEqual(Object.keys(second.runs), ['1', '2']);
  });

  it('forgets a run that no row is left of', () => {
    const second = merge(merge(undefined, [row('a')], run('1')), [row('a')], run('2'));
    assert.deepEqual(Object.keys(second.runs), ['2']);
  });
});
