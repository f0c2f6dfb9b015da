import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SerdeError } from '../format.ts';
import { AvroCursor } from './avro-cursor.ts';

function cursorOf(hex: string): AvroCursor {
  const bytes = Buffer.from(hex, 'hex');
  const cursor = new AvroCursor();
  cursor.reset(bytes, 0, bytes.length);
  return cursor;
}

describe('AvroCursor', () => {
  const longs: [string, number | bigint][] = [
    ['00', 0],
    ['01', -1],
    ['02', 1],
    ['7f', -64],
    ['8001', 64],
    ['feffffff0f', 2147483647],
    ['ffffffff0f', -2147483648],
    ['8080808010', 2147483648],
    ['feffffffffffff0f', 2 ** 52 - 1],
    ['feffffffffffff1f', 9007199254740991],
    ['fdffffffffffff1f', -9007199254740991],
    ['8080808080808020', 9007199254740992n],
    ['feffffffffffffffff01', 9223372036854775807n],
    ['ffffffffffffffffff01', -9223372036854775808n],
  ];
  for (const [hex, value] of longs)
    it(`reads ${hex} as ${value}`, () => {
      const cursor = cursorOf(hex);
      assert.equal(cursor.long(), value);
      assert.equal(cursor.at, hex.length / 2);
      cursor.at = 0;
      cursor.skipLong();
      assert.equal(cursor.at, hex.length / 2);
      if (typeof value === 'number' && value === (value | 0)) {
        cursor.at = 0;
        assert.equal(cursor.int(), value);
      }
    });

  it('reads decimals of any length', () => {
    assert.equal(cursorOf('00').unscaled(), 0n);
    assert.equal(cursorOf('02ff').unscaled(), -1n);
    assert.equal(cursorOf('040100').unscaled(), 256n);
    assert.equal(cursorOf('04ff7f').unscaled(), -129n);
  });

  it('reads nothing beyond the end', () => {
    const broken: [string, (cursor: AvroCursor) => unknown][] = [
      ['', (c) => c.int()],
      ['80', (c) => c.int()],
      ['8080808080808080', (c) => c.long()],
      ['ffffffffffffffffffff01', (c) => c.long()],
      ['8080808080', (c) => c.int()],
      ['0461', (c) => c.string()],
      ['01', (c) => c.string()],
      ['02', (c) => c.boolean()],
      ['00000000', (c) => c.double()],
      ['04', (c) => c.branch(2)],
      ['feffffffffffffffff01', (c) => c.block()],
      ['80', (c) => c.skipLong()],
    ];
    for (const [hex, read] of broken) assert.throws(() => read(cursorOf(hex)), SerdeError, hex);
  });

  for (const how of ['block', 'blockToSkip'] as const)
    it(`${how} gives a whole record as many items as its bytes can hold, and some that take none`, () => {
      const cursor = cursorOf('a09c01'.repeat(600));
      let items = 0;
      assert.throws(() => {
        for (let count = cursor[how](); count > 0; count = cursor[how]()) items += count;
      }, SerdeError);
      assert.equal(items, 10_000);
      const ints = Array(20_000).fill('02').join('');
      assert.equal(cursorOf(`c0b802${ints}00`)[how](), 20_000);
    });
});
