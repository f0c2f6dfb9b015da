import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isOneOf, summaryOfText } from './statement-text.ts';

describe('a statement', () => {
  const cases: [one: string, other: string, same: boolean][] = [
    [
      "CREATE STREAM S (A INT) WITH (KAFKA_TOPIC='s', PARTITIONS=1);",
      "CREATE STREAM S (\n  A INT -- a comment\n) WITH ( KAFKA_TOPIC = 's',PARTITIONS = 1 );\n",
      true,
    ],
    ['CREATE STREAM S WITH (PARTITIONS=1);', 'CREATE STREAM S WITH (PARTITIONS=2);', false],
    ['SELECT A , B FROM S;', 'SELECT\n  A, -- a comment\n  B FROM S ;', true],
    ["SELECT 'x' AS A FROM S;", "SELECT /* ; */ 'x'   AS A FROM S;", true],
    ["CREATE STREAM S WITH (A='x');", "CREATE STREAM S WITH ( A = 'x' );", true],
    ["SELECT 'a b' FROM S;", "SELECT 'a  b' FROM S;", false],
    ["SELECT '-- a' FROM S;", "SELECT '-- b' FROM S;", false],
    ["SELECT 'a, b' FROM S;", "SELECT 'a,b' FROM S;", false],
    ['SELECT `a b` FROM S;', 'SELECT `a  b` FROM S;', false],
  ];
  for (const [one, other, same] of cases)
    it(`${JSON.stringify(one)} is ${same ? '' : 'not '}${JSON.stringify(other)}`, () => {
      assert.equal(isOneOf([one])(other), same);
    });

  it('is known by one line', () => {
    assert.equal(summaryOfText("SELECT 'a\nb'\n  FROM S;"), "SELECT 'a b' FROM S;");
  });
});
