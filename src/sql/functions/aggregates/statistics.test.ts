import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SqlType, SqlValue } from '../../../data/types.ts';
import { bindAggregate } from '../bind-aggregate.ts';

const DOUBLE: SqlType = { kind: 'DOUBLE' };

function fold(name: string, types: readonly SqlType[], rows: readonly (readonly SqlValue[])[]): SqlValue {
  const aggregator = bindAggregate(name, types, [], {});
  return aggregator.result(rows.reduce((state, row) => aggregator.add(state, ...row), aggregator.initial()));
}

const one = (...values: (number | null)[]) => values.map((value) => [value]);

test('deviation of a sample', () => {
  assert.equal(fold('STDDEV_SAMPLE', [DOUBLE], one(2, 4, 4, 4, 5, 5, 7, 9, null)), Math.sqrt(32 / 7));
  assert.equal(fold('STDDEV_SAMP', [DOUBLE], one(2, 4, 4, 4, 5, 5, 7, 9)), 32 / 7);
  assert.equal(fold('STDDEV_SAMP', [DOUBLE], one(7)), 0);
  // Squares of these lose every digit that matters.
  assert.equal(fold('STDDEV_SAMP', [DOUBLE], one(1e9 + 1, 1e9 + 2, 1e9 + 3)), 1);
});

test('correlation of two columns', () => {
  const types = [DOUBLE, DOUBLE];
  assert.equal(
    fold('CORRELATION', types, [
      [1, 2],
      [2, 4],
      [3, 6],
      [null, 1],
    ]),
    1,
  );
  assert.equal(
    fold('CORRELATION', types, [
      [1, 6],
      [2, 4],
      [3, 2],
      [9, null],
    ]),
    -1,
  );
  assert.equal(
    fold('CORRELATION', types, [
      [1, 1],
      [2, 0],
      [3, 1],
    ]),
    0,
  );
  assert.equal(fold('CORRELATION', types, [[1, 2]]), Number.NaN);
});

test('sums of lists', () => {
  const list: SqlType = { kind: 'ARRAY', element: { kind: 'INTEGER' } };
  assert.equal(fold('SUM_LIST', [list], [[[1, 2]], [null], [[3, null]], [[]]]), 6);
  assert.throws(() => bindAggregate('SUM_LIST', [{ kind: 'ARRAY', element: { kind: 'STRING' } }], [], {}));
});

test('a row that is taken back leaves what was there without it', () => {
  const number = fc.integer({ min: -1000, max: 1000 });
  fc.assert(
    fc.property(fc.array(number, { minLength: 2, maxLength: 8 }), number, (kept, passing) => {
      for (const name of ['STDDEV_SAMP', 'SUM', 'AVG']) {
        const aggregator = bindAggregate(name, [DOUBLE], [], {});
        let state = aggregator.initial();
        for (const value of [passing, ...kept]) state = aggregator.add(state, value);
        state = aggregator.undo!(state, passing);
        const expected = fold(name, [DOUBLE], one(...kept)) as number;
        assert.ok(Math.abs((aggregator.result(state) as number) - expected) < 1e-6, name);
      }
    }),
  );
});
