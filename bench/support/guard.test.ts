import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judge } from './guard.ts';
import { type ResultRow, type RowSpec, resultRow } from './results.ts';

const values = (...all: number[]) => all.map((value) => ({ value }));

function row(ours: number[], rival: number[] | undefined, more: Partial<RowSpec> = {}): ResultRow {
  return resultRow({
    ...{ bench: 'b', name: 'n', unit: 'u', better: 'higher', settings: {} },
    ours: values(...ours),
    rival: rival && { name: 'R', rounds: values(...rival) },
    ...more,
  });
}

const lost = (kept: ResultRow, now: ResultRow) => judge([kept], [now]).map((verdict) => verdict.lost);

describe('judge', () => {
  for (const [what, kept, now, expected] of [
    ['the same ratio', row([200], [100]), row([200], [100]), [false]],
    ['a better ratio', row([200], [100]), row([300], [100]), [false]],
    ['4 % less, within the least noise', row([200], [100]), row([192], [100]), [false]],
    ['a third less without spread', row([200], [100]), row([133], [100]), [true]],
    [
      'a quarter less where rounds differed that much',
      row([130, 200, 270], [100]),
      row([150], [100]),
      [false],
    ],
    ['a slower machine that slows both', row([200], [100]), row([100], [50]), [false]],
    ['a latency that rose', row([1], [2], { better: 'lower' }), row([2], [2], { better: 'lower' }), [true]],
    ['a latency that fell', row([2], [2], { better: 'lower' }), row([1], [2], { better: 'lower' }), [false]],
    ['no rival: a rate that fell', row([200], undefined), row([100], undefined), [true]],
    [
      'no rival: a time that rose',
      row([1], undefined, { better: 'lower' }),
      row([2], undefined, { better: 'lower' }),
      [true],
    ],
    ['a rival that is missing now', row([200], [100]), row([100], []), []],
    ['ours refused now', row([200], [100]), row([], [100], { skipped: 'refused' }), [true]],
    ['ours refused before', row([], [100], { skipped: 'refused' }), row([1], [100]), []],
    ['another name', row([200], [100]), row([1], [100], { name: 'other' }), []],
  ] as const) {
    it(`${what}: ${expected.length === 0 ? 'not compared' : expected[0] ? 'lost' : 'kept'}`, () =>
      assert.deepEqual(lost(kept, now), expected));
  }
});
