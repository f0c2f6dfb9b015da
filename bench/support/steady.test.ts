import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { steadyRate } from './steady.ts';

const line = (seconds: number, events: number, cpuSeconds = seconds, what = 'progress') =>
  `${what} ${seconds.toFixed(3)} ${events} ${cpuSeconds.toFixed(2)} 100.0`;

describe('steadyRate', () => {
  it('leaves the start of the JVM and its warm-up out, and says what both are', () => {
    // Starts 4 s, then 100 events/s for 2 s, then 1,000/s for 6 s.
    const lines = [line(4, 0), line(6, 200), line(8, 2_200), line(10, 4_200), line(12, 6_200, 12, 'done')];
    const rate = steadyRate(lines);
    assert.equal(rate.steady, 1_000);
    assert.equal(rate.fromFirst, 6_200 / 8);
    assert.equal(rate.fromStart, 6_200 / 12);
    assert.deepEqual([rate.processed, rate.application], [6_200, { cpuSeconds: 8, peakMb: 100 }]);
  });

  it('never falls below the rate from the first event on', () => {
    // Fast at first: a cut that shows only the slow rest would wrong the rival.
    const lines = [line(0, 0), line(1, 900), line(2, 950), line(4, 1_000, 4, 'done')];
    assert.equal(steadyRate(lines).steady, 250);
  });

  it('uses all of a run too short to have two commits', () => {
    assert.equal(steadyRate([line(3, 0), line(5, 1_000, 5, 'done')]).steady, 500);
  });

  it('refuses a rival that processed nothing', () => {
    assert.throws(() => steadyRate([line(3, 0), line(9, 0, 9, 'done')]), /processed nothing/);
  });
});
