import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { batchCodec, batchTotalBytes, checkBatchHeader, crcIsValid } from './batch.ts';
import { BatchBuilder, sealBatch } from './batch-builder.ts';
import { CODECS, type Codec } from './compression.ts';
import { CompressionError } from './compression-error.ts';
import { recompress } from './recompress.ts';
import { RecordCursor } from './record-cursor.ts';

const seal = { producerId: 7, producerEpoch: 3, baseSequence: 12, transactional: true };

function batchOf(codec: Codec): Buffer {
  const builder = new BatchBuilder({ compression: codec });
  for (let i = 0; i < 200; i++)
    builder.append(1000 + i, Buffer.from(`k${i}`), Buffer.from('value '.repeat(i % 7)), [
      { key: 'h', value: Buffer.from([i]) },
    ]);
  const batch = builder.build();
  sealBatch(batch, seal);
  return batch;
}

function recordsOf(batch: Buffer): unknown[] {
  const cursor = new RecordCursor();
  const records: unknown[] = [];
  cursor.reset(batch, 0);
  while (cursor.next())
    records.push([
      cursor.offset,
      cursor.timestampMs,
      cursor.key()?.toString(),
      cursor.value()?.toString(),
      cursor.headers().map(({ key, value }) => [key, value?.toString('hex')]),
    ]);
  return records;
}

describe('a batch under another codec', () => {
  for (const from of CODECS) {
    for (const to of CODECS) {
      it(`keeps everything else: ${from} to ${to}`, () => {
        const batch = batchOf(from);
        const rewritten = recompress(batch, { codec: to });
        if (from === to) return assert.equal(rewritten, undefined);
        assert.ok(rewritten !== undefined);
        assert.equal(checkBatchHeader(rewritten, 0), undefined);
        assert.ok(crcIsValid(rewritten, 0));
        assert.equal(batchTotalBytes(rewritten, 0), rewritten.length);
        assert.equal(CODECS[batchCodec(rewritten, 0)], to);
        assert.deepEqual(recordsOf(rewritten), recordsOf(batchOf(from)));
        // All but length, CRC and codec: 12..16, and 23..61.
        assert.deepEqual(rewritten.subarray(23, 61), batch.subarray(23, 61));
        return undefined;
      });
    }
  }

  for (const codec of ['gzip', 'zstd'] as const) {
    it(`takes the level it is told: ${codec}`, () => {
      const [fast, small] = [1, codec === 'gzip' ? 9 : 19].map((level) =>
        recompress(batchOf('none'), { codec, level }),
      );
      assert.notDeepEqual(fast, small);
      assert.deepEqual(recordsOf(fast!), recordsOf(small!));
    });
  }

  it('is refused when its records do not decompress', () => {
    const batch = batchOf('gzip');
    batch.fill(0xff, 70, 80);
    assert.throws(() => recompress(batch, { codec: 'zstd' }), CompressionError);
  });
});
