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

  it('wastes at most a fifth', () => {
    const pool = new BufferPool(1 << 20);
    for (const bytes of [4096, 4097, 5000, 65_536, 65_537, 81_920, 81_921, 1_000_000, 4_194_304]) {
      const size = pool.take(bytes).buffer.byteLength;
      assert.ok(size >= bytes && bytes >= size * 0.8, `${size} bytes for ${bytes}`);
    }
  });

  it('lends nothing that somebody holds', () => {
    const pool = new BufferPool(1 << 20);
    const first = pool.take(LARGE);
    assert.notEqual(pool.take(LARGE).buffer, first.buffer);
    pool.keep(first.subarray(1));
    pool.giveBack(first);
    assert.notEqual(pool.take(LARGE).buffer, first.buffer);
    pool.giveBack(first);
    // One too many.
    pool.giveBack(first);
    assert.equal(pool.take(LARGE).buffer, first.buffer);
    assert.notEqual(pool.take(LARGE).buffer, first.buffer);
  });

  it('takes back only what it lent, as much as it may keep', () => {
    const pool = new BufferPool(200_000);
    pool.giveBack(Buffer.allocUnsafeSlow(114_688));
    pool.giveBack(pool.take(10));
    const [one, two] = [pool.take(LARGE), pool.take(LARGE)];
    pool.giveBack(one);
    pool.giveBack(two);
    assert.equal(pool.take(LARGE).buffer, one.buffer);
    assert.notEqual(pool.take(LARGE).buffer, two.buffer);
  });

  it('keeps the sizes that are in use rather than those that were', () => {
    const pool = new BufferPool(200_000);
    const [old, recent] = [pool.take(LARGE), pool.take(2 * LARGE - 20_000)];
    pool.giveBack(old);
    pool.giveBack(recent);
    assert.notEqual(pool.take(LARGE).buffer, old.buffer);
    assert.equal(pool.take(2 * LARGE - 20_000).buffer, recent.buffer);
  });
});
