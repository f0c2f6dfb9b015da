import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { corpus, damaged } from '../../test/support/mutations.ts';
import { type Random, randomInt } from '../base/random.ts';
import { SeededRandom } from '../base/seeded-random.ts';
import {
  BATCH_HEADER_BYTES,
  batchTotalBytes,
  checkBatchHeader,
  walkBatches,
  writeBatchCrc,
} from './batch.ts';
import { BatchBuilder, sealBatch } from './batch-builder.ts';
import { CODECS } from './compression.ts';
import { CompressionError } from './compression-error.ts';
import { readControlBatch } from './control-record.ts';
import { CorruptRecordError } from './corrupt-record-error.ts';
import { recompress } from './recompress.ts';
import { RecordCursor } from './record-cursor.ts';

const RUNS = Number(process.env.MILLRACE_FUZZ ?? 4000);
const MAX_DECOMPRESSED_BYTES = 1024 * 1024;
/** Of a header that a client may set, behind magic and CRC. */
const FIRST_DAMAGE_AT = 21;

function anyBatch(random: Random): Buffer {
  const builder = new BatchBuilder({ compression: CODECS[randomInt(random, CODECS.length)]! });
  for (let count = 1 + randomInt(random, 6); count > 0; count--) {
    const key = random.next() < 0.3 ? null : Buffer.from(random.bytes(randomInt(random, 12)));
    const value = random.next() < 0.2 ? null : Buffer.alloc(randomInt(random, 200), count);
    const headers = Array.from({ length: randomInt(random, 3) }, () => ({
      key: 'h',
      value: random.bytes(2),
    }));
    builder.append(randomInt(random, 1_000_000), key, value, headers);
  }
  const batch = builder.build();
  sealBatch(batch, random.next() < 0.5 ? {} : { producerId: 1, producerEpoch: 0, baseSequence: 0 });
  return batch;
}

/** Everything that reads a batch whose CRC is right, whatever its bytes are. */
function readAll(bytes: Buffer): void {
  const cursor = new RecordCursor({ maxDecompressedBytes: MAX_DECOMPRESSED_BYTES });
  for (const at of walkBatches(bytes)) {
    cursor.reset(bytes, at);
    readControlBatch(bytes, at);
    let records = 0;
    while (cursor.next()) {
      records++;
      cursor.key();
      cursor.value();
      cursor.headers();
      cursor.encodedHeaders();
      cursor.exactTimestamp();
    }
    assert.ok(records <= MAX_DECOMPRESSED_BYTES);
    recompress(bytes.subarray(at, at + batchTotalBytes(bytes, at)), { codec: 'none' });
  }
}

function survives(name: string, bytes: Buffer): void {
  try {
    readAll(bytes);
  } catch (error) {
    const isRefusal = error instanceof CorruptRecordError || error instanceof CompressionError;
    assert.ok(isRefusal, `${name}: ${bytes.toString('hex')}\n${(error as Error).stack}`);
  }
}

describe('bytes that claim to be a record batch', () => {
  for (const [name, bytes] of corpus('batches.txt')) {
    it(`are read or refused: ${name}`, () => survives(name, bytes));
  }

  it('are read or refused, whatever is damaged', () => {
    const random = new SeededRandom(11);
    for (let run = 0; run < RUNS; run++) {
      const bytes = damaged(anyBatch(random), random, FIRST_DAMAGE_AT);
      const isWhole = bytes.length >= BATCH_HEADER_BYTES;
      // Half of them with the length that they have, so that more than the header is looked at.
      if (isWhole && run % 2 === 0) bytes.writeInt32BE(bytes.length - 12, 8);
      if (isWhole && checkBatchHeader(bytes, 0) === undefined) writeBatchCrc(bytes, 0);
      survives(`run ${run}`, bytes);
    }
  });
});
