import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { figureOf, median, quantile } from './statistics.ts';

describe('median', () => {
  for (const [values, expected] of [
    [[3], 3],
    [[1, 9, 2], 2],
    [[4, 1, 3, 2], 2.5],
  ] as const) {
    it(`of ${values.join(', ')} is ${expected}`, () => assert.equal(median(values), expected));
  }
});

describe('quantile', () => {
  const hundred = Array.from({ length: 100 }, (_, n) => n + 1);
  for (const [share, expected] of [
    [0.5, 50],
    [0.99, 99],
    [0.999, 100],
    [0, 1],
    [1, 100],
  ] as const) {
    it(`${share} of 1 to 100 is ${expected}`, () => assert.equal(quantile(hundred, share), expected));
  }
});

describe('figureOf', () => {
  it('keeps median, smallest and largest', () => {
    const figure = figureOf([{ value: 5 }, { value: 1 }, { value: 3 }]);
    assert.deepEqual(figure, { median: 3, min: 1, max: 5, rounds: 3 });
  });

  it('takes the median CPU time and the highest memory of each process, and their sums', () => {
    const round = (value: number, cpuSeconds: number, peakMb: number) => ({
      value,
      work: 10 * value,
      processes: { broker: { cpuSeconds, peakMb }, application: { cpuSeconds: 1, peakMb: 100 } },
    });
    const figure = figureOf([round(1, 2, 50), round(2, 8, 70), round(3, 4, 60)]);
    assert.deepEqual(figure.processes, {
      broker: { cpuSeconds: 4, peakMb: 70 },
      application: { cpuSeconds: 1, peakMb: 100 },
    });
    assert.deepEqual([figure.cpuSeconds, figure.peakMb, figure.work], [5, 170, 20]);
  });
});
