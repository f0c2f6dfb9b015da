import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { datePattern } from './date-pattern.ts';

describe('a pattern formats each time of a series as it would alone', () => {
  const start = Date.UTC(2026, 2, 28, 22, 59, 58, 997);
  const series = [0, 1, 2, 3, 1_003, 1_004, 61_003, 3_601_003, 7_201_003, 86_400_000, 3, 0];
  for (const pattern of [
    'yyyy-MM-dd',
    'EEE a',
    'HH',
    'HH:mm',
    'h:mm:ss',
    'ss.SSS',
    'D n',
    'HH z',
    'yyyy[ HH]XXX',
  ])
    for (const zone of ['UTC', 'Europe/Berlin', '+05:30'])
      it(`${pattern} in ${zone}`, () => {
        const { format } = datePattern(pattern);
        const check = (ms: number, where: string) =>
          assert.equal(format(ms, where), datePattern(pattern).format(ms, where));
        for (const afterMs of series) check(start + afterMs, zone);
        for (const afterMs of series) for (const where of [zone, 'Asia/Tokyo']) check(start + afterMs, where);
      });
});
