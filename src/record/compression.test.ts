import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { compressFrameSync } from 'lz4-napi';
import { compressSync as rawSnappy } from 'snappy';
import { CODECS, compress, decompress } from './compression.ts';
import { CompressionError } from './compression-error.ts';

const LIMIT = 1 << 20;

for (const codec of CODECS) {
  test(`${codec}: what is compressed comes back`, () => {
    const compressible = fc
      .tuple(fc.uint8Array({ maxLength: 200 }), fc.nat(1000))
      .map(([part, times]) => Buffer.concat(new Array(times).fill(part)));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), compressible), (bytes) => {
        const back = decompress(codec, compress(codec, bytes), LIMIT);
        assert.ok(back.equals(bytes));
      }),
      { numRuns: 50 },
    );
  });

  test(`${codec}: the limit is exact`, () => {
    const bytes = Buffer.alloc(100_000, 'abcdefg');
    const compressed = compress(codec, bytes);
    assert.equal(decompress(codec, compressed, bytes.length).length, bytes.length);
    assert.throws(() => decompress(codec, compressed, bytes.length - 1), CompressionError);
  });

  test(`${codec}: reads from the middle of a larger buffer`, () => {
    const compressed = compress(codec, Buffer.from('hello'));
    const surrounded = Buffer.concat([Buffer.from('before'), compressed, Buffer.from('after')]);
    const middle = surrounded.subarray(6, 6 + compressed.length);
    assert.equal(decompress(codec, middle, LIMIT).toString(), 'hello');
  });

  test(`${codec}: damaged bytes are an error or some bytes within the limit`, () => {
    const whole = Buffer.from(compress(codec, Buffer.from('some bytes, some bytes, 0123456789 '.repeat(40))));
    for (let at = 0; at < whole.length; at++) {
      for (const damaged of [whole.subarray(0, at), withFlippedBit(whole, at)]) {
        try {
          assert.ok(decompress(codec, damaged, 4000).length <= 4000);
        } catch (error) {
          assert.ok(error instanceof CompressionError, String(error));
        }
      }
    }
  });
}

const zeros = Buffer.alloc(64 << 20);
const bombs = {
  gzip: () => gzipSync(zeros, { level: 1 }),
  snappy: () => rawSnappy(zeros),
  lz4: () => compressFrameSync(zeros),
  zstd: () => zstdCompressSync(zeros),
};
for (const [codec, make] of Object.entries(bombs) as [keyof typeof bombs, () => Buffer][]) {
  test(`${codec}: a bomb is refused without holding what it unpacks to`, () => {
    const bomb = make();
    const before = process.memoryUsage();
    assert.throws(() => decompress(codec, bomb, LIMIT), CompressionError);
    const after = process.memoryUsage();
    assert.ok(after.rss - before.rss < 32 << 20, `grew by ${after.rss - before.rss}`);
  });
}

test('a raw snappy block, as librdkafka sends it, is read too', () => {
  const text = 'raw '.repeat(1000);
  assert.equal(decompress('snappy', rawSnappy(text), LIMIT).toString(), text);
});

test('snappy that announces more than its bytes can hold is refused', () => {
  const lie = Buffer.from([0xff, 0xff, 0x3f, 0, 1]);
  assert.throws(() => decompress('snappy', lie, LIMIT), /announces more than it can hold/);
});

test('several xerial blocks count together against the limit', () => {
  const bytes = Buffer.alloc(200_000, 'xyz');
  const compressed = compress('snappy', bytes);
  assert.ok(decompress('snappy', compressed, 200_000).equals(bytes));
  assert.throws(() => decompress('snappy', compressed, 199_999), CompressionError);
});

test('lz4 with stored blocks and checksums counts exactly', () => {
  const noise = Buffer.from(
    Array.from({ length: 70_000 }, (_, index) => (index * index * 2654435761) >>> 13),
  );
  const frame = compressFrameSync(noise, { contentChecksum: true, blockChecksums: true });
  assert.ok(decompress('lz4', frame, noise.length).equals(noise));
  assert.throws(() => decompress('lz4', frame, noise.length - 1), CompressionError);
});

test('a zstd frame that wants a huge window is refused', () => {
  // Magic, a descriptor without single segment, window 2^26, an empty last block.
  const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, (26 - 10) << 3, 0x01, 0x00, 0x00]);
  assert.throws(() => decompress('zstd', frame, LIMIT), CompressionError);
  assert.equal(decompress('zstd', frame, 2 ** 26).length, 0);
});

function withFlippedBit(bytes: Buffer, at: number): Buffer {
  const damaged = Buffer.from(bytes);
  damaged[at] = damaged[at]! ^ (1 << (at % 8));
  return damaged;
}
