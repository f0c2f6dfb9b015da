import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { splitStatements } from './split-statements.ts';

describe('statements in a text', () => {
  const cases: [text: string, statements: string[], rest: string][] = [
    ['', [], ''],
    ['A;', ['A;'], ''],
    ['A; B;\nC', ['A;', 'B;'], '\nC'],
    [';;\n ;', [], ''],
    ["INSERT 'a;b''c;' ;", ["INSERT 'a;b''c;' ;"], ''],
    ['SELECT `x;y`, "z;";', ['SELECT `x;y`, "z;";'], ''],
    ['A -- not; here\n;', ['A -- not; here\n;'], ''],
    ['/* a; */ B; -- end;', ['/* a; */ B;'], ''],
    ["SELECT 'open; ", [], "SELECT 'open; "],
    ["-- it's fine;\nA;", ["-- it's fine;\nA;"], ''],
  ];
  for (const [text, statements, rest] of cases)
    it(JSON.stringify(text), () => {
      assert.deepEqual(splitStatements(text), { statements, rest });
    });
});
