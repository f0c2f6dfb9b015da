import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import type { SqlValue } from '../../data/types.ts';
import { ByteWriter } from '../../serde/byte-writer.ts';
import { ValueReader, writeValue } from './value-bytes.ts';

const { value: anyValue } = fc.letrec<{ value: SqlValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<SqlValue>(null, true, false, -0, 2 ** 31, -(2 ** 31), 2 ** 53, Number.NaN, ''),
    fc.integer(),
    fc.double(),
    fc.bigInt(),
    fc.string({ unit: 'binary' }),
    fc.array(fc.nat(0xffff)).map((codes) => String.fromCharCode(...codes)),
    fc.uint8Array(),
    fc.array(tie('value')),
    fc.array(fc.tuple(fc.string(), tie('value'))).map((entries) => new Map(entries)),
  ),
}));

it('values come back from their bytes as they were, one after another', () => {
  const out = new ByteWriter();
  fc.assert(
    fc.property(fc.array(anyValue, { maxLength: 10 }), (values) => {
      out.reset();
      for (const value of values) writeValue(value, out);
      const copy = out.copy();
      const reader = new ValueReader(copy);
      const read = values.map(() => reader.next());
      copy.fill(0xff);
      assert.deepEqual(read, values);
      for (const [index, value] of values.entries())
        if (typeof value === 'number') assert.ok(Object.is(read[index], value));
    }),
    { numRuns: 1000 },
  );
});
