import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TimeLimitError, withTimeLimit } from './time-limit.ts';

const PLENTY_MS = 60_000;

describe('work with a time limit', () => {
  it('gives what it gives', () => {
    assert.equal(
      withTimeLimit(PLENTY_MS, () => 7),
      7,
    );
    assert.equal(
      withTimeLimit(PLENTY_MS, () => undefined),
      undefined,
    );
  });

  it('throws what it throws', () => {
    const error = new RangeError('no');
    const fail = () => {
      throw error;
    };
    assert.throws(
      () => withTimeLimit(PLENTY_MS, fail),
      (thrown) => thrown === error,
    );
  });

  it('does not count what the thread waits for a processor', () => {
    let calls = 0;
    const late = () => {
      if (calls++ === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
      return 7;
    };
    assert.equal(withTimeLimit(200, late), 7);
    assert.equal(calls, 2);
  });

  const endless: [what: string, work: () => unknown][] = [
    [
      'a loop',
      () => {
        for (;;);
      },
    ],
    ['a regular expression', () => /^(?:a+)+$/.test(`${'a'.repeat(60)}b`)],
    ['one that looks around', () => /(?=(?:a+)+$)a/.test(`${'a'.repeat(60)}b`)],
  ];
  for (const [what, work] of endless)
    it(`ends amid ${what}, and the next goes on`, () => {
      assert.throws(() => withTimeLimit(20, work), TimeLimitError);
      assert.equal(
        withTimeLimit(PLENTY_MS, () => 'next'),
        'next',
      );
    });
});
