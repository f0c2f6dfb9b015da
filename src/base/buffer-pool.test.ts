import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { BufferPool } from './buffer-pool.ts';

describe('BufferPool', () => {
  const LARGE = 100_000;

  it('lends the memory it got back, at any length that fits', () => {
    const pool = new BufferPool(1 << 20);
    const first = pool.take(LARGE);
    pool.giveBack(first.subarray(5, 10));
    const second = pool.take(LARGE + 1);
    assert.equal(second.buffer, first.buffer);
    assert.deepEqual([first.length, second.length], [LARGE, LARGE + 1]);
  });

  it('lends nothing twice', () => {
    const pool = new BufferPool(1 << 20);
    const first = pool.take(LARGE);
    assert.notEqual(pool.take(LARGE).buffer, first.buffer);
    pool.giveBack(first);
    // Another part of the same memory.
    pool.giveBack(first.subarray(1));
    assert.equal(pool.take(LARGE).buffer, first.buffer);
    assert.notEqual(pool.take(LARGE).buffer, first.buffer);
  });

  it('takes back only what it lent, as much as it may keep', () => {
    const pool = new BufferPool(200_000);
    pool.giveBack(Buffer.allocUnsafeSlow(131_072));
    pool.giveBack(pool.take(10));
    const [one, two] = [pool.take(LARGE), pool.take(LARGE)];
    pool.giveBack(one);
    pool.giveBack(two);
    assert.equal(pool.take(LARGE).buffer, one.buffer);
    assert.notEqual(pool.take(LARGE).buffer, two.buffer);
  });
});
