import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CorruptRecordError } from './corrupt-record-error.ts';
import { VarintReader, varintSize, varlongSize, writeVarint, writeVarlong } from './varint.ts';

const hex = (text: string): VarintReader => new VarintReader(Buffer.from(text, 'hex'));

const varints: readonly [number, string][] = [
  [0, '00'],
  [-1, '01'],
  [1, '02'],
  [63, '7e'],
  [-64, '7f'],
  [64, '8001'],
  [300, 'd804'],
  [-8192, 'ff7f'],
  [2 ** 31 - 1, 'feffffff0f'],
  [-(2 ** 31), 'ffffffff0f'],
];

for (const [value, bytes] of varints) {
  test(`${value} is ${bytes} as varint and varlong`, () => {
    for (const [write, size] of [
      [writeVarint, varintSize],
      [writeVarlong, varlongSize],
    ] as const) {
      const buffer = Buffer.alloc(5);
      const end = write(buffer, 0, value);
      assert.equal(buffer.toString('hex', 0, end), bytes);
      assert.equal(size(value), end);
    }
    assert.equal(hex(bytes).varint(), value);
    assert.equal(hex(bytes).varlong(), value);
    assert.equal(hex(bytes).bigVarlong(), BigInt(value));
  });
}

const varlongs: readonly [bigint, string][] = [
  [2n ** 31n, '8080808010'],
  [-(2n ** 31n) - 1n, '8180808010'],
  [2n ** 53n - 1n, 'feffffffffffff1f'],
  [2n ** 53n, '8080808080808020'],
  [2n ** 63n - 1n, 'feffffffffffffffff01'],
  [-(2n ** 63n), 'ffffffffffffffffff01'],
];

for (const [value, bytes] of varlongs) {
  test(`${value} is the varlong ${bytes}`, () => {
    assert.equal(hex(bytes).bigVarlong(), value);
    const safe = BigInt(Number.MAX_SAFE_INTEGER);
    const clamped = value > safe ? safe : value < -safe ? -safe : value;
    assert.equal(hex(bytes).varlong(), Number(clamped));
    if (clamped !== value) return;
    const buffer = Buffer.alloc(10);
    assert.equal(buffer.toString('hex', 0, writeVarlong(buffer, 0, Number(value))), bytes);
  });
}

test('any safe integer survives, one varint after another', () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeInteger()), (values) => {
      const buffer = Buffer.alloc(values.length * 10);
      const end = values.reduce((at, value) => writeVarlong(buffer, at, value), 0);
      assert.equal(
        end,
        values.reduce((sum, value) => sum + varlongSize(value), 0),
      );
      const reader = new VarintReader(buffer, 0, end);
      for (const value of values) assert.equal(reader.varlong(), value);
      assert.equal(reader.position, end);
    }),
  );
});

const refused: readonly [string, string, 'varint' | 'varlong' | 'bigVarlong'][] = [
  ['nothing', '', 'varint'],
  ['nothing', '', 'varlong'],
  ['a first byte alone', '80', 'varint'],
  ['a first byte alone', '80', 'varlong'],
  ['seven bytes and no end', '80808080808080', 'varlong'],
  ['33 bits', '8080808010', 'varint'],
  ['six bytes', '808080808000', 'varint'],
  ['65 bits', '80808080808080808002', 'varlong'],
  ['65 bits', '80808080808080808002', 'bigVarlong'],
  ['eleven bytes', '8080808080808080808000', 'varlong'],
];

for (const [what, bytes, method] of refused) {
  test(`${method} refuses ${what}`, () => {
    assert.throws(() => hex(bytes)[method](), CorruptRecordError);
  });
}

test('never reads beyond its end', () => {
  const reader = new VarintReader(Buffer.from('8002', 'hex'), 0, 1);
  assert.throws(() => reader.varint(), CorruptRecordError);
  assert.throws(() => new VarintReader(Buffer.from('02', 'hex'), 1).varint(), CorruptRecordError);
});

test('padding bytes are accepted, as Kafka accepts them', () => {
  const reader = hex('820002');
  assert.deepEqual([reader.varint(), reader.position], [1, 2]);
});
