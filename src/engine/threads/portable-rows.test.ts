import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { SqlType, SqlValue } from '../../data/types.ts';
import { portableRow } from './portable-rows.ts';

const BYTES: SqlType = { kind: 'BYTES' };
const STRING: SqlType = { kind: 'STRING' };

it('bytes travel without the buffer that they are a view of', () => {
  const large = new Uint8Array(1_000_000);
  const view = () => large.subarray(10, 13);
  const types: SqlType[] = [
    BYTES,
    { kind: 'ARRAY', element: BYTES },
    { kind: 'MAP', key: STRING, value: BYTES },
    { kind: 'STRUCT', fields: [{ name: 'B', type: BYTES }] },
    STRING,
  ];
  const row: SqlValue[] = [view(), [view(), null], new Map([['k', view()]]), [view()], 'text'];
  const portable = portableRow(types)?.(row) as SqlValue[];
  assert.deepEqual(portable, row);
  const [bytes, [element], map, [field]] = portable as [
    Uint8Array,
    [Uint8Array],
    Map<string, Uint8Array>,
    [Uint8Array],
  ];
  for (const value of [bytes, element, map.get('k'), field]) assert.equal(value?.buffer.byteLength, 3);
});

it('rows without bytes travel as they are', () => {
  assert.equal(portableRow([STRING, { kind: 'ARRAY', element: STRING }]), undefined);
});
