import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { SqlType, SqlValue } from '../../../data/types.ts';
import { aggregateNames, bindAggregate } from '../bind-aggregate.ts';
import type { Init } from './define.ts';

const INTEGER: SqlType = { kind: 'INTEGER' };
const STRING: SqlType = { kind: 'STRING' };
const LIMITS = { 'ksql.functions.collect_list.limit': '9', 'ksql.functions.collect_set.limit': '6' };

/** Every aggregate, with what it needs besides integers. */
const CALLS: Readonly<Record<string, { types?: readonly SqlType[]; inits?: readonly Init[] }>> = {
  ATTR: {},
  AVG: {},
  COLLECT_LIST: {},
  COLLECT_SET: {},
  CORRELATION: { types: [INTEGER, INTEGER] },
  COUNT: {},
  COUNT_DISTINCT: {},
  EARLIEST_BY_OFFSET: { inits: [[], [false], [3], [3, false]] },
  HISTOGRAM: { types: [STRING] },
  LATEST_BY_OFFSET: { inits: [[], [false], [3], [3, false]] },
  MAX: {},
  MIN: {},
  STDDEV_SAMP: {},
  STDDEV_SAMPLE: {},
  SUM: {},
  SUM_LIST: { types: [{ kind: 'ARRAY', element: INTEGER }] },
  TOPK: { inits: [[3]] },
  TOPKDISTINCT: { inits: [[3]] },
};

const values = fc.array(fc.option(fc.integer({ min: -9, max: 9 })), { maxLength: 12 });

function shaped(type: SqlType, value: number | null, index: number): SqlValue {
  if (value === null) return null;
  if (type.kind === 'STRING') return String(value);
  return type.kind === 'ARRAY' ? [value, null, value] : value + index;
}

function closeTo(actual: SqlValue, expected: SqlValue, what: string): void {
  if (typeof actual === 'number' && typeof expected === 'number' && Number.isFinite(expected))
    assert.ok(Math.abs(actual - expected) < 1e-9, `${what}: ${actual}, not ${expected}`);
  else assert.deepEqual(actual, expected, what);
}

describe('two states of an aggregate', () => {
  it('merge to that of all rows', () => {
    assert.deepEqual(Object.keys(CALLS).sort(), [...aggregateNames()].sort());
    fc.assert(
      fc.property(
        values,
        values,
        fc.constantFrom(...Object.keys(CALLS)),
        fc.nat(3),
        (first, second, name, pick) => {
          const { types = [INTEGER], inits = [[]] } = CALLS[name]!;
          const init = inits[pick % inits.length]!;
          const aggregator = bindAggregate(name, types, init, LIMITS);
          const add = (state: unknown, value: number | null) =>
            aggregator.add(state, ...types.map((type, index) => shaped(type, value, index)));
          const whole = aggregator.result([...first, ...second].reduce(add, aggregator.initial()));
          const earlier = first.reduce(add, aggregator.initial());
          const later = second.reduce(add, aggregator.initial());
          closeTo(aggregator.result(aggregator.merge(earlier, later)), whole, `${name}(${init.join()})`);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('by offset merge in the order in which their rows came, also after a restart', () => {
    for (const [name, init, expected] of [
      ['LATEST_BY_OFFSET', [], 2],
      ['LATEST_BY_OFFSET', [2], [1, 2]],
      ['EARLIEST_BY_OFFSET', [], 1],
      ['EARLIEST_BY_OFFSET', [2], [1, 2]],
    ] as const) {
      const before = bindAggregate(name, [INTEGER], init, {});
      const saved = before.save(before.add(before.initial(), 1));
      const aggregator = bindAggregate(name, [INTEGER], init, {});
      // The rows of the later session came first.
      const later = aggregator.load(saved);
      const earlier = aggregator.add(aggregator.initial(), 2);
      assert.deepEqual(aggregator.result(aggregator.merge(earlier, later)), expected, name);
    }
  });
});
