import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { SqlType, SqlValue } from '../../../data/types.ts';
import { bindAggregate } from '../bind-aggregate.ts';

/** Values that a column of the type holds, edges among them. */
const VALUES: Partial<Record<SqlType['kind'], fc.Arbitrary<SqlValue>>> = {
  INTEGER: fc.integer(),
  BIGINT: fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n })),
  DOUBLE: fc.double(),
  STRING: fc.string(),
  DATE: fc.integer(),
};

describe('an aggregate that is compiled in place', () => {
  it('is no list of what is', () => {
    const list: SqlType = { kind: 'ARRAY', element: { kind: 'INTEGER' } };
    assert.equal(bindAggregate('SUM_LIST', [list], [], {}).addCode, undefined);
  });

  for (const name of ['COUNT', 'SUM', 'MIN', 'MAX'])
    for (const [kind, value] of Object.entries(VALUES)) {
      const type = { kind } as SqlType;
      if (name === 'SUM' && (kind === 'STRING' || kind === 'DATE')) continue;
      it(`${name} of ${kind} does what it does when it is called`, () => {
        const aggregator = bindAggregate(name, [type], [], {});
        const { addCode } = aggregator;
        // BIGINT sums wrap at 64 bits, which takes a call.
        if (addCode === undefined) return assert.ok(name === 'SUM' && kind === 'BIGINT');
        const add = new Function('g', 'v', addCode('g.s', 'v')) as (g: { s: unknown }, v: SqlValue) => void;
        fc.assert(
          fc.property(fc.array(fc.option(value)), (values) => {
            const group = { s: aggregator.initial() };
            let state = aggregator.initial();
            for (const each of values) {
              add(group, each);
              state = aggregator.add(state, each);
            }
            assert.deepEqual(group.s, state);
          }),
        );
      });
    }
});
