import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { RecordFields } from './packed-block.ts';
import { PackedRecords } from './packed-records.ts';
import type { StoreKey } from './store-key.ts';
import { hashOfKey, hashOfPlainText } from './store-key-hash.ts';

/** As they lie in a batch: a key, a gap, a value, with something around them. */
function record(key: string, value: string, offset: number): RecordFields {
  const [keyBytes, valueBytes] = [Buffer.from(key), Buffer.from(value)];
  const bytes = Buffer.concat([
    Buffer.from('before'),
    keyBytes,
    Buffer.from('-'),
    valueBytes,
    Buffer.from('after'),
  ]);
  const keyStart = 6;
  const valueStart = keyStart + keyBytes.length + 1;
  return {
    ...{ bytes, offset, timestampMs: offset * 1000, keyStart, valueStart },
    ...{ keyLength: keyBytes.length, valueLength: valueBytes.length },
  };
}

const keyOf = ({ bytes, keyStart, keyLength }: RecordFields) =>
  bytes.toString('utf8', keyStart, keyStart + keyLength);

const textOf = (packed: RecordFields & { readonly partition: number }) => {
  const { bytes, valueStart, valueLength, offset, partition, timestampMs } = packed;
  const value = bytes.toString('utf8', valueStart, valueStart + valueLength);
  return `${keyOf(packed)}=${value} ${partition}/${offset} ${timestampMs}`;
};

const KEYS = [...Array.from({ length: 40 }, (_, n) => `key${n}`), '', 'Zoë', 'x'.repeat(700)];

const operation = fc.record({
  name: fc.constantFrom('add', 'add', 'add', 'add', 'find', 'take', 'takeFirst', 'records'),
  key: fc.constantFrom(...KEYS),
  // Some need a block of their own.
  valueBytes: fc.constantFrom(0, 1, 7, 8, 100, 1500),
});

describe('packed records', () => {
  for (const [name, hashOf] of [
    ['with keys of all hashes', hashOfKey],
    ['with keys of three hashes', (key: StoreKey) => String(key).length % 3],
  ] as const)
    it(`are found and forgotten as in a Map, ${name}`, () => {
      fc.assert(
        fc.property(fc.array(operation, { minLength: 50, maxLength: 400 }), (operations) => {
          // Small blocks, so that they are dropped and what lives is moved together.
          const packed = new PackedRecords({ keyOf, hashOf, blockBytes: 1024 });
          const model = new Map<string, string>();
          const forget = (key: string) => {
            packed.removeFound();
            model.delete(key);
          };
          for (const [offset, { name: operationName, key, valueBytes }] of operations.entries()) {
            switch (operationName) {
              case 'add': {
                const added = record(key, 'v'.repeat(valueBytes), offset);
                assert.equal(packed.add(added, offset % 5, hashOf(key)), !model.has(key));
                if (!model.has(key)) model.set(key, textOf({ ...added, partition: offset % 5 }));
                break;
              }
              case 'find': {
                const found = packed.find(key);
                assert.equal(found && textOf(found), model.get(key));
                assert.equal(packed.has(key), model.has(key));
                break;
              }
              case 'take': {
                const found = packed.find(key);
                assert.equal(found && textOf(found), model.get(key));
                if (found !== undefined) forget(key);
                break;
              }
              case 'takeFirst': {
                if (model.size === 0) break;
                const first = packed.first();
                assert.equal(textOf(first.record), model.get(first.key as string));
                forget(first.key as string);
                break;
              }
              default:
                assert.deepEqual(Array.from(packed.records(), textOf).sort(), [...model.values()].sort());
            }
            assert.equal(packed.size, model.size);
          }
          for (const [key, text] of model) {
            const found = packed.find(key);
            assert.equal(found && textOf(found), text);
          }
        }),
        { numRuns: 300 },
      );
    });

  it('take no more memory than twice what lives, however often they are replaced', () => {
    const packed = new PackedRecords({ keyOf, blockBytes: 1024 });
    const sizes = new Map<string, number>();
    for (let n = 0; n < 20_000; n++) {
      const key = `key${(n * 7919) % 50}`;
      if (packed.find(key) !== undefined) packed.removeFound();
      packed.add(record(key, 'v'.repeat(n % 90), n), 0, hashOfKey(key));
      sizes.set(key, 32 + key.length + 1 + (n % 90) + 8);
    }
    const living = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
    // Besides, so many blocks that are not worth a look, and slots.
    assert.ok(packed.bytes < 2 * living + 19 * 1024 + 4096, `${packed.bytes} bytes for ${living}`);
  });

  it('give their memory back block by block', () => {
    const packed = new PackedRecords({ keyOf, blockBytes: 1024 });
    for (let n = 0; n < 1000; n++) packed.add(record(`key${n}`, 'value', n), 0, hashOfKey(`key${n}`));
    const before = packed.bytes;
    for (let n = 0; n < 900; n++) {
      assert.equal(packed.first().key, `key${n}`);
      packed.removeFound();
    }
    assert.ok(packed.bytes < before - 40 * 900);
  });
});

describe('the hash of a key', () => {
  it('is that of every key that a Map takes for the same', () => {
    assert.equal(hashOfKey(-0), hashOfKey(0));
    assert.equal(hashOfKey(2n ** 70n), hashOfKey(BigInt(`${2n ** 70n}`)));
    assert.notEqual(hashOfKey('1'), hashOfKey(1));
    assert.notEqual(hashOfKey(true), hashOfKey(false));
  });

  it('is told of the bytes of a text that needs no escapes, and of no other', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.oneof(fc.constantFrom('a', 'b', '"', '\\', '\n', 'ë', '日'), fc.string()) }),
        (text) => {
          const written = Buffer.from(JSON.stringify(text)).subarray(1, -1);
          const isPlain = written.toString('latin1') === text && /^[^"\\]*$/.test(text);
          const isAscii = written.every((byte) => byte < 0x80);
          assert.equal(
            hashOfPlainText(written, 0, written.length),
            isPlain && isAscii ? hashOfKey(text) : undefined,
          );
        },
      ),
    );
  });
});
