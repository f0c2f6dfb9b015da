import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rowToJson, valueToJson } from './json-text.ts';
import type { SqlType, SqlValue } from './types.ts';

const BIGINT: SqlType = { kind: 'BIGINT' };
const STRING: SqlType = { kind: 'STRING' };

describe('values in answers', () => {
  const cases: [type: SqlType, value: SqlValue, json: string][] = [
    [{ kind: 'BOOLEAN' }, true, 'true'],
    [BIGINT, 9007199254740991, '9007199254740991'],
    [BIGINT, -9223372036854775808n, '-9223372036854775808'],
    [{ kind: 'DOUBLE' }, 3, '3.0'],
    [{ kind: 'DOUBLE' }, Number.NaN, '"NaN"'],
    [{ kind: 'DECIMAL', precision: 30, scale: 2 }, 123456789012345678901n, '1234567890123456789.01'],
    [{ kind: 'DECIMAL', precision: 4, scale: 2 }, -5n, '-0.05'],
    [STRING, 'a"\n\u2028', '"a\\"\\n\u2028"'],
    [{ kind: 'BYTES' }, new Uint8Array([0, 255]), '"AP8="'],
    [{ kind: 'TIMESTAMP' }, 0, '"1970-01-01T00:00:00.000"'],
    [{ kind: 'DATE' }, 1, '"1970-01-02"'],
    [{ kind: 'TIME' }, 60_000, '"00:01"'],
    [{ kind: 'ARRAY', element: BIGINT }, [1, null, 2n ** 60n], '[1,null,1152921504606846976]'],
    [{ kind: 'MAP', key: STRING, value: BIGINT }, new Map([['k', 1]]), '{"k":1}'],
    [{ kind: 'STRUCT', fields: [{ name: 'A', type: STRING }] }, [null], '{"A":null}'],
    [{ kind: 'INTEGER' }, null, 'null'],
  ];
  for (const [type, value, json] of cases)
    it(`${type.kind} ${json}`, () => {
      assert.equal(valueToJson(type)(value), json);
    });

  it('a row is an array, missing values are null', () => {
    const columns = [
      { name: 'A', type: STRING },
      { name: 'B', type: BIGINT },
    ];
    assert.equal(rowToJson(columns)(['x']), '["x",null]');
  });
});
