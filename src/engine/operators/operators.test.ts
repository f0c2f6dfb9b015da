import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Row } from '../../data/schema.ts';
import { bindAggregate } from '../../sql/functions/bind-aggregate.ts';
import { BIGINT, columns, INTEGER, STRING } from '../../testing/plan-builders.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { storeKeyOf } from '../store/store-key.ts';
import { Aggregate, type Group } from './aggregate.ts';
import { Change } from './change.ts';
import { StreamFilter, TableFilter } from './filter.ts';
import { Recorder } from './recorder.ts';
import { Rekey, type RekeyOptions } from './rekey.ts';
import { StreamTableJoin } from './stream-table-join.ts';

const context = { report() {}, headers: () => undefined, rebuilding: false, muted: false };
const key = columns(['K', STRING]);

/** A change of the key in the row's first column. */
function change(row: Row | null, old: Row | null = null, timestampMs = 1): Change {
  return new Change(row ?? old ?? ['k'], row, old, timestampMs, 0, 0);
}

const rowsOf = (recorder: Recorder) => recorder.take().map(({ row, old }) => [row, old]);

describe('filters', () => {
  const isBig = (row: Row) => (row[1] as number) > 10;

  it('a stream keeps what matches', () => {
    const seen = new Recorder();
    const filter = new StreamFilter(isBig, seen);
    for (const row of [['k', 5], ['k', 50], null]) filter.push(change(row));
    assert.deepEqual(rowsOf(seen), [[['k', 50], null]]);
  });

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

describe('re-keying', () => {
  function rekeyed(purpose: RekeyOptions['purpose'], needsValue: boolean, ...changes: Change[]) {
    const seen = new Recorder();
    let missing = 0;
    const options = {
      purpose,
      key: (row: Row) => [row[needsValue ? 1 : 0] ?? null],
      keyWidth: 1,
      inputWidth: 2,
      inputKeyWidth: 1,
      needsValue: [needsValue],
      onMissingValue: () => missing++,
    };
    const rekey = new Rekey(options, seen);
    for (const each of changes) rekey.push(each);
    return { missing, changes: seen.changes.map(({ key, row, old }) => ({ key: key[0], row, old })) };
  }

  it('puts the new key before the columns there were', () => {
    const { changes } = rekeyed('JOIN', true, change(['k', 'v']), change(['k', null]));
    assert.deepEqual(changes, [
      { key: 'v', row: ['v', 'k', 'v'], old: null },
      { key: null, row: [null, 'k', null], old: null },
    ]);
  });

  it('GROUP BY leaves out null keys, on each side of a table change by itself', () => {
    const { changes } = rekeyed(
      'GROUP_BY',
      true,
      change(['k', null]),
      change(['k', null], ['k', 'a']),
      change(null),
    );
    assert.deepEqual(changes, [{ key: 'a', row: null, old: ['a', 'k', 'a'] }]);
  });

  it('PARTITION BY keeps records without a value, if need be without their key', () => {
    const nullValue = new Change(['k'], null, null, 1, 0, 0);
    assert.deepEqual(rekeyed('PARTITION_BY', false, nullValue), {
      missing: 0,
      changes: [{ key: 'k', row: null, old: null }],
    });
    assert.deepEqual(rekeyed('PARTITION_BY', true, nullValue), {
      missing: 1,
      changes: [{ key: null, row: null, old: null }],
    });
  });
});

describe('aggregation', () => {
  function counting(emitsOld: boolean) {
    const seen = new Recorder();
    const calls = [
      { aggregator: bindAggregate('COUNT', [INTEGER], [], {}), args: [(row: Row) => row[1] ?? null] },
      { aggregator: bindAggregate('SUM', [INTEGER], [], {}), args: [(row: Row) => row[1] ?? null] },
    ];
    const store = new MemoryStore<Group>();
    const options = { store, keyOf: storeKeyOf(key), keyWidth: 1, calls, emitsOld, context, output: seen };
    return { seen, store, aggregate: new Aggregate(options) };
  }

  it('adds a stream row by row and keeps the latest time', () => {
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
      store.takeDirty().map((group) => group.key),
      [['a'], ['b']],
    );
    aggregate.push(change(['b', 3]));
    assert.deepEqual(
      store.takeDirty().map((group) => group.key),
      [['b']],
    );
  });
});

describe('a stream-table join', () => {
  const table = new Map([['k', { row: ['k', 'right'], timestampMs: 99 }]]);
  const cases: ['INNER' | 'LEFT', Row | null, Row | undefined][] = [
    ['INNER', ['k', 1], ['k', 'k', 1, 'k', 'right']],
    ['INNER', ['x', 1], undefined],
    ['INNER', [null, 1], undefined],
    ['LEFT', ['x', 1], ['x', 'x', 1, null, null]],
    ['LEFT', [null, 1], [null, null, 1, null, null]],
    ['LEFT', null, undefined],
  ];
  for (const [join, left, expected] of cases)
    it(`${join} of ${JSON.stringify(left)}`, () => {
      const seen = new Recorder();
      const lookup = { get: (k: unknown) => table.get(k as string) };
      const options = { table: lookup, keyOf: storeKeyOf(key), keyWidth: 1, leftWidth: 2, rightWidth: 2 };
      new StreamTableJoin({ ...options, join, output: seen }).push(change(left, null, 7));
      assert.deepEqual(seen.take(), expected ? [{ row: expected, old: null, timestampMs: 7 }] : []);
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
