import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseOptions, UsageError } from './options.ts';

const parse = (text: string) => parseOptions(text.split(' ').filter(Boolean), ['filter', 'join']);

describe('parseOptions', () => {
  it('keeps results of a whole run, neither of a quick one nor of a guard', () => {
    const keeps = ['', 'filter', '--quick', '--guard', '--quick --keep', '--no-keep'].map(
      (text) => parse(text).keep,
    );
    assert.deepEqual(keeps, [true, true, false, false, true, false]);
  });

  it('takes more rounds for a benchmark asked for by name than for all', () => {
    assert.ok(parse('filter').rounds > parse('').rounds);
    assert.ok(parse('').boundSeconds > parse('--quick').boundSeconds);
  });

  it('reads sizes with k and M', () => {
    const { events, keys, partitions } = parse('join --events 20M --keys 10k --partitions 8');
    assert.deepEqual([events, keys, partitions], [20_000_000, 10_000, 8]);
  });

  for (const text of ['nothing', '--events 0', '--events many', '--guarantee twice', '--unknown', '--json']) {
    it(`refuses '${text}'`, () => assert.throws(() => parse(text), UsageError));
  }
});
