import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SqlType, SqlValue } from '../../data/types.ts';
import { typeOf } from '../expression-test-kit.ts';
import { bindAggregate } from './bind-aggregate.ts';

type Init = Parameters<typeof bindAggregate>[2];

function fold(
  name: string,
  type: string,
  values: readonly SqlValue[],
  init: Init = [],
  properties = {},
): SqlValue {
  const aggregator = bindAggregate(name, [typeOf(type)], init, properties);
  let state = aggregator.initial();
  for (const value of values) state = aggregator.add(state, value);
  return aggregator.result(state);
}

test('results of the aggregates', () => {
  const cases: readonly (readonly [string, string, readonly SqlValue[], SqlValue, Init?])[] = [
    ['COUNT', 'STRING', ['a', null, 'b'], 2],
    ['SUM', 'INTEGER', [1, null, 2], 3],
    ['SUM', 'BIGINT', [2n ** 62n, 2n ** 62n], -(2n ** 63n)],
    ['SUM', 'DECIMAL(4, 2)', [150n, 25n], 175n],
    ['AVG', 'INTEGER', [1, 2, null], 1.5],
    ['AVG', 'DECIMAL(4, 1)', [15n, 20n], 1.75],
    ['AVG', 'DOUBLE', [], 0],
    ['MIN', 'STRING', ['b', null, 'a'], 'a'],
    ['MAX', 'BIGINT', [1, 2n ** 60n, 2], 2n ** 60n],
    ['MAX', 'INTEGER', [null], null],
    ['COLLECT_LIST', 'INTEGER', [1, null, 1], [1, null, 1]],
    ['COLLECT_SET', 'STRING', ['b', 'a', 'b'], ['b', 'a']],
    ['COLLECT_SET', 'ARRAY<INTEGER>', [[1], [1], [2]], [[1], [2]]],
    ['COUNT_DISTINCT', 'INTEGER', [1, 1, null, 2], 2],
    ['LATEST_BY_OFFSET', 'INTEGER', [1, 2, null], 2],
    ['LATEST_BY_OFFSET', 'INTEGER', [1, 2, null], null, [false]],
    ['LATEST_BY_OFFSET', 'INTEGER', [1, 2, 3], [2, 3], [2]],
    ['EARLIEST_BY_OFFSET', 'INTEGER', [null, 2, 3], 2],
    ['EARLIEST_BY_OFFSET', 'INTEGER', [null, 2, 3], null, [false]],
    ['EARLIEST_BY_OFFSET', 'INTEGER', [1, 2, 3], [1, 2], [2]],
    ['TOPK', 'INTEGER', [3, 1, 3, null, 2], [3, 3, 2], [3]],
    ['TOPKDISTINCT', 'INTEGER', [3, 1, 3, 2], [3, 2], [2]],
    [
      'HISTOGRAM',
      'STRING',
      ['a', 'b', 'a', null],
      new Map([
        ['a', 2],
        ['b', 1],
      ]),
    ],
    ['ATTR', 'INTEGER', [4, 4], 4],
    ['ATTR', 'INTEGER', [4, 5], null],
    ['STDDEV_SAMPLE', 'INTEGER', [2, 4], Math.SQRT2],
  ];
  for (const [name, type, values, expected, init] of cases) {
    assert.deepEqual(fold(name, type, values, init), expected, `${name}(${type})`);
  }
});

test('TOPK with more columns keeps them beside the sorted one', () => {
  const aggregator = bindAggregate('TOPK', [typeOf('INTEGER'), typeOf('STRING')], [1], {});
  let state = aggregator.initial();
  for (const [score, name] of [
    [1, 'a'],
    [5, 'b'],
    [3, 'c'],
  ] as const)
    state = aggregator.add(state, score, name);
  assert.deepEqual(aggregator.result(state), [[5, 'b']]);
});

test('collections stop at their configured limit', () => {
  assert.deepEqual(
    fold('COLLECT_SET', 'INTEGER', [1, 2, 3], [], { 'ksql.functions.collect_set.limit': '2' }),
    [1, 2],
  );
  assert.deepEqual(
    fold('COLLECT_LIST', 'INTEGER', [1, 1, 1], [], { 'ksql.functions.collect_list.limit': '1' }),
    [1],
  );
});

test('a result does not change with later rows', () => {
  for (const name of ['COLLECT_LIST', 'COLLECT_SET', 'HISTOGRAM', 'TOPK']) {
    const aggregator = bindAggregate(name, [typeOf('STRING')], name === 'TOPK' ? [9] : [], {});
    let state = aggregator.add(aggregator.initial(), 'a');
    const before = aggregator.result(state);
    const shown = structuredClone(before);
    state = aggregator.add(state, 'b');
    assert.deepEqual(before, shown, name);
  }
});

const INTEGERS = fc.array(fc.option(fc.integer({ min: -50, max: 50 })), { maxLength: 30 });

test('a saved state goes on as if nothing had happened', () => {
  const calls: readonly (readonly [string, Init])[] = [
    ['COUNT', []],
    ['SUM', []],
    ['AVG', []],
    ['MIN', []],
    ['MAX', []],
    ['COUNT_DISTINCT', []],
    ['COLLECT_LIST', []],
    ['COLLECT_SET', []],
    ['LATEST_BY_OFFSET', []],
    ['EARLIEST_BY_OFFSET', [false]],
    ['LATEST_BY_OFFSET', [3]],
    ['TOPK', [3]],
    ['TOPKDISTINCT', [3]],
    ['ATTR', []],
    ['STDDEV_SAMPLE', []],
  ];
  fc.assert(
    fc.property(INTEGERS, INTEGERS, fc.constantFrom(...calls), (first, second, [name, init]) => {
      const aggregator = bindAggregate(name, [typeOf('INTEGER')], init, {});
      let straight = aggregator.initial();
      for (const value of first) straight = aggregator.add(straight, value);
      let reloaded = aggregator.load(structuredClone(aggregator.save(straight)));
      for (const value of second) {
        straight = aggregator.add(straight, value);
        reloaded = aggregator.add(reloaded, value);
      }
      assert.deepEqual(aggregator.result(reloaded), aggregator.result(straight));
    }),
  );
});

test('undoing a row is as if it had never come', () => {
  const order = (value: SqlValue) =>
    Array.isArray(value) ? value.toSorted() : value instanceof Map ? [...value].sort() : value;
  const types: Readonly<Record<string, SqlType>> = { HISTOGRAM: { kind: 'STRING' } };
  fc.assert(
    fc.property(
      INTEGERS,
      fc.integer({ min: -50, max: 50 }),
      fc.constantFrom('COUNT', 'SUM', 'AVG', 'COLLECT_LIST', 'ATTR', 'HISTOGRAM'),
      (values, extra, name) => {
        const type = types[name] ?? typeOf('INTEGER');
        const shape = (value: number | null): SqlValue =>
          type.kind === 'STRING' && value !== null ? String(value) : value;
        const aggregator = bindAggregate(name, [type], [], {});
        let plain = aggregator.initial();
        let undone = aggregator.add(aggregator.initial(), shape(extra));
        for (const value of values) {
          plain = aggregator.add(plain, shape(value));
          undone = aggregator.add(undone, shape(value));
        }
        undone = aggregator.undo!(undone, shape(extra));
        assert.deepEqual(order(aggregator.result(undone)), order(aggregator.result(plain)));
      },
    ),
  );
});

test('types that do not fit are refused', () => {
  assert.throws(() => fold('SUM', 'STRING', []), /SUM takes no arguments of \(STRING\)\./);
  assert.throws(() => fold('MAX', 'BOOLEAN', []), /MAX takes no arguments of \(BOOLEAN\)\./);
  assert.throws(() => fold('TOPK', 'INTEGER', [], [0]), /TOPK takes no arguments of \(INTEGER, 0\)\./);
});
