import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BoxWriter, textTable } from './text-table.ts';

describe('tables on a terminal', () => {
  it('fit their columns; numbers stand to the right', () => {
    const text = textTable(
      ['NAME', 'N'],
      [
        ['ada', 5],
        ['日本', 12],
      ],
    );
    assert.equal(
      text,
      ['┌──────┬────┐', '│ NAME │ N  │', '├──────┼────┤', '│ ada  │  5 │', '│ 日本 │ 12 │', '└──────┴────┘']
        .join('\n')
        .replace('N  │', ' N │'),
    );
  });

  it('show null, nested values and line breaks in one line', () => {
    const lines = textTable(['V'], [[null], [{ a: [1] }], ['x\ny']]).split('\n');
    assert.deepEqual(lines.slice(3, 6), ['│ null      │', '│ {"a":[1]} │', '│ x y       │']);
  });

  it('cut what is wider than a column that cannot grow', () => {
    assert.equal(new BoxWriter([4]).row(['abcdef']), '│ abc… │');
  });
});
