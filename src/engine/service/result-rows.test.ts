import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { SqlValue } from '../../data/types.ts';
import type { TransientQuery } from '../../sql/planned.ts';
import type { OutputChange } from '../running-query.ts';
import { toRowOf } from './result-rows.ts';

const INTEGER = { kind: 'INTEGER' } as const;
const K = { name: 'K', type: INTEGER };
const V = { name: 'V', type: INTEGER };

/** SELECT v, k of a stream or table with one key column. */
function query(relation: 'STREAM' | 'TABLE', isScalable = false): TransientQuery {
  const root = { relation, schema: { key: [K], value: [V, K] } };
  const columns = [
    { ...V, key: false },
    { ...K, key: true, keyIndex: 0 },
  ];
  return { columns, isScalable, plan: { queryId: 'q', properties: {}, root } } as unknown as TransientQuery;
}

it('shows of a change what the query selects', () => {
  const cases: [query: TransientQuery, key: SqlValue[], row: SqlValue[] | null, shown: unknown][] = [
    [query('STREAM'), [1], [1, 5, 1], { values: [5, 1], tombstone: false }],
    [query('STREAM'), [1], null, undefined],
    [query('STREAM'), [null], [null, 5, null], { values: [5, null], tombstone: false }],
    [query('STREAM', true), [null], [null, 5, null], undefined],
    [query('TABLE'), [1], [1, 5, 1], { values: [5, 1], tombstone: false }],
    [query('TABLE'), [1], null, { values: [null, 1], tombstone: true }],
  ];
  for (const [asked, key, row, shown] of cases) {
    const change: OutputChange = { key, row, timestampMs: 0, partition: 0, offset: 0 };
    assert.deepEqual(toRowOf(asked)(change), shown);
  }
});
