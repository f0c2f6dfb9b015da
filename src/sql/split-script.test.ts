import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cutScript, placedText, splitScript, withoutComments } from './split-script.ts';

describe('a script is cut', () => {
  const cases: [script: string, ended: string[], rest: string | undefined][] = [
    ['', [], undefined],
    ['A;', ['A;'], undefined],
    ['A; B;\nC', ['A;', 'B;'], 'C'],
    [';;\n ;', [], undefined],
    ["INSERT 'a;b''c;' ;", ["INSERT 'a;b''c;' ;"], undefined],
    ['SELECT `x;y`, "z;";', ['SELECT `x;y`, "z;";'], undefined],
    ['A -- not; here\n;', ['A -- not; here\n;'], undefined],
    ['A -- not here;', [], 'A -- not here;'],
    ['/* a; */ B; -- end;', ['B;'], undefined],
    ["-- it's fine;\nA;", ['A;'], undefined],
    // A line of a text that goes on keeps its blanks.
    ["SELECT 'open; \n", [], "SELECT 'open; \n"],
    ['A; /* open; ', ['A;'], '/* open; '],
  ];
  for (const [script, ended, rest] of cases)
    it(JSON.stringify(script), () => {
      const cut = cutScript(script);
      assert.deepEqual([cut.ended.map(({ text }) => text), cut.rest?.text], [ended, rest]);
    });

  it('with the place of each statement, which its text can be given back', () => {
    const parts = splitScript('A;\n  -- one\n  B\n;C');
    assert.deepEqual(parts, [
      { text: 'A;', line: 1, column: 1 },
      { text: 'B\n;', line: 3, column: 3 },
      { text: 'C', line: 4, column: 2 },
    ]);
    assert.equal(placedText(parts[1]!), '\n\n  B\n;');
  });
});

it('comments become blanks, and texts that look like some do not', () => {
  assert.equal(withoutComments("A --x'\n'--y' /* z; */`/*`;"), "A  \n'--y'  `/*`;");
});
