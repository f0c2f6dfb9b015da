import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Row } from '../../data/schema.ts';
import type { TableTableJoinStep } from '../../sql/plan.ts';
import { columns, STRING } from '../../testing/plan-builders.ts';
import { StateSpace } from '../store/state-space.ts';
import { storeKeyOf } from '../store/store-key.ts';
import { Change, type QueryContext } from './change.ts';
import { tableRowJoiner } from './join-rows.ts';
import { Recorder } from './recorder.ts';
import { TableJoin } from './table-join.ts';
import { TableSource } from './table-source.ts';

const keyOf = storeKeyOf(columns(['K', STRING]));
const joinRows = tableRowJoiner(1, 2, 2);

/** Two tables of [key, value] and their join. */
function joined(join: TableTableJoinStep['join'], tellsOld = true) {
  const seen = new Recorder();
  const context = { rebuilding: false } as QueryContext & { rebuilding: boolean };
  const operator = new TableJoin({ join, keyOf, joinRows, tellsOld, context, output: seen });
  const state = new StateSpace();
  const left = new TableSource(state, keyOf, assert.fail, operator.left);
  const right = new TableSource(state, keyOf, assert.fail, operator.right);
  operator.leftRows = left;
  operator.rightRows = right;
  const put = (table: TableSource) => (value: string | null, timestampMs: number) =>
    table.push(new Change(['k', value], value === null ? null : ['k', value], null, timestampMs, 0, 0));
  return { operator, seen, context, left: put(left), right: put(right), tables: { left, right } };
}

const both = (left: string, right: string): Row => ['k', 'k', left, 'k', right];
const onlyLeft = (left: string): Row => ['k', 'k', left, null, null];
const onlyRight = (right: string): Row => ['k', null, null, 'k', right];

describe('a join of tables', () => {
  type Step = readonly ['left' | 'right', string | null];
  type Told = readonly [row: Row | null, old: Row | null];

  const cases: readonly (readonly [TableTableJoinStep['join'], readonly Step[], readonly Told[]])[] = [
    ['INNER', [['left', 'a']], []],
    [
      'INNER',
      [
        ['left', 'a'],
        ['right', 'b'],
        ['left', 'c'],
        ['right', null],
        ['right', null],
      ],
      [
        [both('a', 'b'), null],
        [both('c', 'b'), both('a', 'b')],
        [null, both('c', 'b')],
        [null, null],
      ],
    ],
    // Kafka Streams deletes once more what was never there, as long as the other side is.
    [
      'INNER',
      [
        ['right', 'b'],
        ['left', null],
      ],
      [[null, null]],
    ],
    [
      'LEFT',
      [
        ['left', 'a'],
        ['right', 'b'],
        ['right', null],
        ['left', null],
        ['left', null],
        ['right', 'c'],
      ],
      [
        [onlyLeft('a'), null],
        [both('a', 'b'), onlyLeft('a')],
        [onlyLeft('a'), both('a', 'b')],
        [null, onlyLeft('a')],
      ],
    ],
    [
      'RIGHT',
      [
        ['left', 'a'],
        ['right', 'b'],
        ['left', null],
        ['right', null],
        ['left', 'c'],
      ],
      [
        [both('a', 'b'), null],
        [onlyRight('b'), both('a', 'b')],
        [null, onlyRight('b')],
      ],
    ],
    [
      'FULL',
      [
        ['left', 'a'],
        ['right', 'b'],
        ['left', null],
        ['right', null],
        ['right', null],
      ],
      [
        [onlyLeft('a'), null],
        [both('a', 'b'), onlyLeft('a')],
        [onlyRight('b'), both('a', 'b')],
        [null, onlyRight('b')],
      ],
    ],
  ];
  for (const [join, steps, expected] of cases)
    it(`${join}: ${steps.map(([side, value]) => `${side} ${value ?? 'deleted'}`).join(', ')}`, () => {
      const { seen, left, right } = joined(join);
      for (const [side, value] of steps) (side === 'left' ? left : right)(value, 1);
      assert.deepEqual(
        seen.take().map(({ row, old }) => [row, old]),
        expected,
      );
    });

  it('has the later time of both sides, and that of a deletion', () => {
    const { seen, left, right } = joined('LEFT');
    left('a', 30);
    right('b', 10);
    right(null, 40);
    left('c', 20);
    assert.deepEqual(
      seen.take().map(({ timestampMs }) => timestampMs),
      [30, 30, 40, 20],
    );
  });

  it('leaves old rows out where nobody looks at them', () => {
    const { seen, left } = joined('LEFT', false);
    left('a', 1);
    left('b', 2);
    assert.deepEqual(
      seen.take().map(({ old }) => old),
      [null, null],
    );
  });

  it('is looked up as it was told', () => {
    const expected = {
      INNER: [undefined, undefined, both('a', 'b')],
      LEFT: [onlyLeft('a'), undefined, both('a', 'b')],
      RIGHT: [undefined, onlyRight('b'), both('a', 'b')],
      FULL: [onlyLeft('a'), onlyRight('b'), both('a', 'b')],
    } as const;
    for (const join of ['INNER', 'LEFT', 'RIGHT', 'FULL'] as const) {
      const { operator, left, right } = joined(join);
      assert.equal(operator.get('k'), undefined);
      left('a', 5);
      const rows = [operator.get('k')?.row];
      left(null, 6);
      right('b', 7);
      rows.push(operator.get('k')?.row);
      left('a', 8);
      rows.push(operator.get('k')?.row);
      assert.deepEqual(rows, expected[join], join);
      assert.equal(operator.get('k')?.timestampMs, 8);
    }
  });

  it('tells each row once when what is derived is filled again', () => {
    for (const [join, count] of [
      ['INNER', 1],
      ['LEFT', 1],
      ['RIGHT', 1],
      ['FULL', 1],
    ] as const) {
      const { seen, context, left, right, tables } = joined(join);
      left('a', 1);
      right('b', 1);
      seen.take();
      context.rebuilding = true;
      for (const table of [tables.left, tables.right]) for (const _ of table.replay());
      assert.equal(seen.take().length, count, join);
    }
  });
});
