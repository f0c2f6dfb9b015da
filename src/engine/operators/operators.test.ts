import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Row } from '../../data/schema.ts';
import { SYSTEM_EFFECTS } from '../../sql/compile.ts';
import type { Expression } from '../../sql/expression.ts';
import { bindAggregate } from '../../sql/functions/bind-aggregate.ts';
import { BIGINT, columns, INTEGER, STRING } from '../../testing/plan-builders.ts';
import { GroupLayout } from '../group-layout.ts';
import { groupSpilling } from '../store/group-spilling.ts';
import { GroupStore } from '../store/group-store.ts';
import { StateSpace } from '../store/state-space.ts';
import { storeKeyOf } from '../store/store-key.ts';
import { Aggregate, GroupChanges } from './aggregate.ts';
import { Change, type QueryContext } from './change.ts';
import { TableFilter } from './filter.ts';
import { Recorder } from './recorder.ts';
import { Rekey } from './rekey.ts';

const context: QueryContext = {
  report: assert.fail,
  reportSkipped: assert.fail,
  late: assert.fail,
  headers: () => undefined,
  withHeaders: (_, tell) => tell(),
  rebuilding: false,
  muted: false,
};
const key = columns(['K', STRING]);

/** A change of the key in the row's first column. */
function change(row: Row | null, old: Row | null = null, timestampMs = 1): Change {
  return new Change(row ?? old ?? ['k'], row, old, timestampMs, 0, 0);
}

const rowsOf = (recorder: Recorder) => recorder.take().map(({ row, old }) => [row, old]);

describe('filters', () => {
  const isBig = (row: Row) => (row[1] as number) > 10;

  const cases: [string, Row | null, Row | null, (Row | null)[][]][] = [
    ['comes to match', ['k', 50], ['k', 5], [[['k', 50], null]]],
    [
      'goes on matching',
      ['k', 50],
      ['k', 40],
      [
        [
          ['k', 50],
          ['k', 40],
        ],
      ],
    ],
    ['stops matching', ['k', 5], ['k', 40], [[null, ['k', 40]]]],
    ['is deleted', null, ['k', 40], [[null, ['k', 40]]]],
    ['never matched', ['k', 5], ['k', 6], []],
    ['is deleted without having matched', null, ['k', 6], []],
  ];
  for (const [name, row, old, expected] of cases)
    it(`a table row that ${name}`, () => {
      const seen = new Recorder();
      new TableFilter(isBig, seen).push(change(row, old));
      assert.deepEqual(rowsOf(seen), expected);
    });
});

describe('re-keying a table', () => {
  function rekeyed(dropsNullKeys: boolean, ...changes: Change[]) {
    const seen = new Recorder();
    const options = { key: (row: Row) => [row[1] ?? null], keyWidth: 1, inputWidth: 2, dropsNullKeys };
    const rekey = new Rekey(options, seen);
    for (const each of changes) rekey.push(each);
    return seen.changes.map(({ key: newKey, row, old }) => ({ key: newKey[0], row, old }));
  }

  it('puts the new key before the columns there were', () => {
    assert.deepEqual(rekeyed(false, change(['k', 'v']), change(['k', null])), [
      { key: 'v', row: ['v', 'k', 'v'], old: null },
      { key: null, row: [null, 'k', null], old: null },
    ]);
  });

  it('for GROUP BY leaves out null keys, on each side of a change by itself', () => {
    const changes = rekeyed(true, change(['k', null]), change(['k', null], ['k', 'a']), change(null));
    assert.deepEqual(changes, [{ key: 'a', row: null, old: ['a', 'k', 'a'] }]);
  });
});

describe('aggregation', () => {
  const argument: Expression = { kind: 'column', index: 1, name: 'V', type: INTEGER };

  function counting(tellsOld: boolean, tellsEachChange = true) {
    const seen = new Recorder();
    const layout = new GroupLayout({
      calls: ['COUNT', 'SUM'].map((name) => ({
        aggregator: bindAggregate(name, [INTEGER], [], {}),
        args: [argument],
      })),
      keyWidth: 1,
      inputWidth: 2,
      onError: assert.fail,
      effects: SYSTEM_EFFECTS,
    });
    const groups = new StateSpace().map(groupSpilling(layout, (group) => output.loaded(group)));
    const store = new GroupStore(groups);
    const output = new GroupChanges({ layout, tellsOld, tellsEachChange, context, output: seen });
    const aggregate = new Aggregate({ store, layout, keyOf: storeKeyOf(key), keyWidth: 1, context, output });
    return { seen, store, aggregate };
  }

  it('adds row by row and keeps the latest time', () => {
    const { seen, aggregate } = counting(true);
    aggregate.push(change(['a', 5], null, 9));
    aggregate.push(change(['a', 6], null, 3));
    aggregate.push(change([null, 6]));
    aggregate.push(change(null));
    assert.deepEqual(seen.take(), [
      { row: ['a', 1, 5], old: null, timestampMs: 9 },
      { row: ['a', 2, 11], old: ['a', 1, 5], timestampMs: 9 },
    ]);
  });

  it('takes back a table row before it adds the new one elsewhere', () => {
    const { seen, aggregate } = counting(false);
    aggregate.push(change(['a', 5]));
    aggregate.push(change(['a', 7], ['a', 5]));
    aggregate.push(change(['b', 7], ['a', 7]));
    aggregate.push(change(null, ['b', 7]));
    assert.deepEqual(
      seen.take().map(({ row }) => row),
      [
        ['a', 1, 5],
        ['a', 1, 7],
        ['a', 0, 0],
        ['b', 1, 7],
        ['b', 0, 0],
      ],
    );
  });

  it('tells the last change of a round only, where no more is asked for, and what it was when told last', () => {
    const { seen, store, aggregate } = counting(true, false);
    for (const row of [
      ['a', 5],
      ['b', 1],
      ['a', 6],
    ])
      aggregate.push(change(row));
    assert.deepEqual(seen.take(), []);
    aggregate.output.flush(store.dirty());
    store.takeDirty();
    assert.deepEqual(rowsOf(seen), [
      [['a', 2, 11], null],
      [['b', 1, 1], null],
    ]);
    aggregate.push(change(['a', 1]));
    aggregate.push(change(['a', 1]));
    aggregate.output.flush(store.dirty());
    assert.deepEqual(rowsOf(seen), [
      [
        ['a', 4, 13],
        ['a', 2, 11],
      ],
    ]);
  });

  it('marks each group once for the changelog', () => {
    const { store, aggregate } = counting(false);
    for (const row of [
      ['a', 1],
      ['b', 1],
      ['a', 2],
    ])
      aggregate.push(change(row));
    assert.equal(store.dirtyCount, 2);
    assert.deepEqual(
      store.takeDirty().map((group) => aggregate.layout.keyOf(group)),
      [['a'], ['b']],
    );
    aggregate.push(change(['b', 3]));
    assert.deepEqual(
      store.takeDirty().map((group) => aggregate.layout.keyOf(group)),
      [['b']],
    );
  });
});

describe('store keys', () => {
  const several = storeKeyOf(columns(['A', STRING], ['B', BIGINT]));
  it('differ when any column does', () => {
    const rows: Row[] = [
      ['a', 1],
      ['a,1', 1],
      ['a', 11],
      ['a",', 1],
      ['', 1],
      ['a', 2n ** 60n],
    ];
    assert.equal(new Set(rows.map(several)).size, rows.length);
    assert.equal(several(['a', null]), null);
  });
  it('of bytes go by content', () => {
    const keyOf = storeKeyOf(columns(['A', { kind: 'BYTES' }]));
    assert.equal(keyOf([Buffer.from('x')]), keyOf([Buffer.from('x')]));
  });
});
