import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Row } from '../../data/schema.ts';
import type { PlannedOf, PullShape } from '../../sql/planned.ts';
import { PreparedPulls } from './prepared-pulls.ts';

const shape: PullShape = { source: 'T', isWindowed: false, hasKeyRange: false, projection: [], columns: [] };

const planned = (...keys: Row[]): PlannedOf<'pull'> => ({ kind: 'pull', shape, keys });

/** Keeps the plan of one text and looks for it with another. */
function keysOf(kept: string, plan: PlannedOf<'pull'>, asked: string): readonly Row[] | undefined {
  const prepared = new PreparedPulls();
  prepared.keep(kept, plan, 1);
  return prepared.find(asked, 1)?.keys;
}

describe('a prepared pull query', () => {
  const same: [kept: string, key: string | number, asked: string, keys: readonly Row[]][] = [
    ["SELECT * FROM T WHERE K = 'a';", 'a', "SELECT * FROM T WHERE K = 'b';", [['b']]],
    ["SELECT * FROM T WHERE K = 'a';", 'a', "SELECT * FROM T WHERE K = 'it''s';", [["it's"]]],
    ["SELECT * FROM T WHERE K = 'a';", 'a', "SELECT * FROM T WHERE K = '';", [['']]],
    ['SELECT * FROM T WHERE K = 7', 7, 'SELECT * FROM T WHERE K = 123456789', [[123456789]]],
    ['SELECT C1 FROM T2 WHERE K=7', 7, 'SELECT C1 FROM T2 WHERE K=0', [[0]]],
  ];
  for (const [kept, key, asked, keys] of same)
    it(`is found again: ${asked}`, () => assert.deepEqual(keysOf(kept, planned([key]), asked), keys));

  const other: [why: string, kept: string, plan: PlannedOf<'pull'>, asked: string][] = [
    ['another type', 'SELECT * FROM T WHERE K = 7', planned([7]), "SELECT * FROM T WHERE K = '7'"],
    ['a longer number', 'SELECT * FROM T WHERE K = 7', planned([7]), 'SELECT * FROM T WHERE K = 1234567890'],
    ['a decimal', 'SELECT * FROM T WHERE K = 7', planned([7]), 'SELECT * FROM T WHERE K = 7.5'],
    ['an exponent', 'SELECT * FROM T WHERE K = 7', planned([7]), 'SELECT * FROM T WHERE K = 7E1'],
    ['a changed sign', 'SELECT * FROM T WHERE K = -7', planned([-7]), 'SELECT * FROM T WHERE K = -8'],
    ['two literals', "SELECT 'a' FROM T WHERE K = 'a'", planned(['a']), "SELECT 'b' FROM T WHERE K = 'b'"],
    [
      'two keys',
      "SELECT * FROM T WHERE K IN ('a')",
      planned(['a'], ['b']),
      "SELECT * FROM T WHERE K IN ('b')",
    ],
    [
      'a literal that is not the key',
      "SELECT 'a' FROM T WHERE K = TRUE",
      planned([true]),
      "SELECT 'b' FROM T WHERE K = TRUE",
    ],
    [
      'a comment',
      "SELECT * FROM T WHERE K = 'a' -- 'x",
      planned(['a']),
      "SELECT * FROM T WHERE K = 'b' -- 'x",
    ],
    [
      'a quoted name',
      "SELECT \"it's\" FROM T WHERE K = 'a'",
      planned(['a']),
      "SELECT \"it's\" FROM T WHERE K = 'b'",
    ],
    ['a variable', "SELECT * FROM T WHERE K = '${a}'", planned(['${a}']), "SELECT * FROM T WHERE K = '${b}'"],
    [
      'a further predicate',
      "SELECT * FROM T WHERE K = 'a' AND C IS NULL",
      {
        ...planned(['a']),
        shape: { ...shape, predicate: { kind: 'literal', type: { kind: 'BOOLEAN' }, value: true } },
      },
      "SELECT * FROM T WHERE K = 'b' AND C IS NULL",
    ],
  ];
  for (const [why, kept, plan, asked] of other)
    it(`is not found for ${why}`, () => assert.equal(keysOf(kept, plan, asked), undefined));

  it('is forgotten with the catalog it was planned for', () => {
    const prepared = new PreparedPulls();
    prepared.keep("SELECT * FROM T WHERE K = 'a'", planned(['a']), 1);
    assert.equal(prepared.find("SELECT * FROM T WHERE K = 'a'", 2), undefined);
    prepared.keep("SELECT C FROM T WHERE K = 'a'", planned(['a']), 2);
    assert.equal(prepared.find("SELECT * FROM T WHERE K = 'a'", 2), undefined);
    assert.ok(prepared.find("SELECT C FROM T WHERE K = 'a'", 2));
  });
});
