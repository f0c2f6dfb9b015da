import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Row } from '../data/schema.ts';
import type { FormatSpec } from '../sql/plan.ts';
import { columns, INTEGER, plan, STRING, source } from '../testing/plan-builders.ts';
import type { MaterializedTable, StoredRow } from './running-query.ts';
import { asWritten } from './written-table.ts';

const stored: readonly StoredRow[] = [
  { row: ['a', null, null], timestampMs: 1 },
  { row: ['b', 'x', 2], timestampMs: 2 },
];
const kept: MaterializedTable = {
  size: 2,
  get: ([key]) => stored.find(({ row }) => row[0] === key),
  windowsOf: () => stored,
  scan: () => stored,
  first: (count, keep) => stored.filter(keep).slice(0, count),
};

function tableIn(valueFormat: FormatSpec): MaterializedTable {
  const schema = { key: columns(['K', STRING]), value: columns(['S', STRING], ['N', INTEGER]) };
  return asWritten(kept, { ...plan('Q', 'T', source('IN', 'TABLE', schema)).sink, valueFormat });
}

it('a table in PROTOBUF is read without nulls', () => {
  for (const name of ['PROTOBUF', 'PROTOBUF_NOSR']) {
    const table = tableIn({ name });
    const wanted = [
      { row: ['a', '', 0], timestampMs: 1 },
      { row: ['b', 'x', 2], timestampMs: 2 },
    ];
    assert.deepEqual(table.get(['a']), wanted[0]);
    assert.equal(table.get(['c']), undefined);
    assert.deepEqual([...table.scan()], wanted);
    assert.deepEqual(table.windowsOf(['a']), wanted);
    assert.deepEqual(
      table.first(1, ({ row }) => row[2] === 0),
      [wanted[0]],
    );
    assert.equal(table.size, 2);
  }
});

it('other formats, and PROTOBUF that was asked for them, have nulls', () => {
  const row: Row = ['a', null, null];
  for (const format of [{ name: 'JSON' }, { name: 'PROTOBUF', nullable: 'OPTIONAL' }] as const)
    assert.deepEqual(tableIn(format).get(['a'])?.row, row);
});
