import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { OffsetMap } from './offset-map.ts';

const key = fc.oneof(
  fc.uint8Array({ maxLength: 3 }),
  fc.integer({ min: 14, max: 17 }).map((length) => new Uint8Array(length)),
  fc.uint8Array({ minLength: 14, maxLength: 18 }),
);

describe('the map of last offsets', () => {
  it('answers like a Map, up to its capacity', () => {
    fc.assert(
      fc.property(fc.array(key, { maxLength: 200 }), fc.integer({ min: 0, max: 8000 }), (keys, maxBytes) => {
        const map = new OffsetMap(1_000_000, maxBytes);
        const model = new Map<string, number>();
        for (const [offset, bytes] of keys.entries()) {
          const name = Buffer.from(bytes).toString('hex');
          // Not at the begin of its buffer, as in a batch.
          const buffer = Buffer.concat([Buffer.from('??'), bytes, Buffer.from('?')]);
          if (map.put(buffer, 2, bytes.length, offset)) model.set(name, offset);
          else assert.ok(!model.has(name), 'a known key always fits');
          assert.equal(map.get(buffer, 2, bytes.length), model.get(name) ?? -1);
        }
        assert.equal(map.count, model.size);
        for (const [name, offset] of model) {
          const bytes = Buffer.from(name, 'hex');
          assert.equal(map.get(bytes, 0, bytes.length), offset);
        }
      }),
    );
  });

  it('holds as many keys as it was made for', () => {
    for (const maxKeys of [1, 10, 1000]) {
      const map = new OffsetMap(maxKeys, 1e9);
      for (let i = 0; i < maxKeys; i++) assert.ok(map.put(Buffer.from(`${i}`), 0, `${i}`.length, i));
    }
  });
});
