import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import { BatchBuilder, controlBatch, sealBatch } from './batch-builder.ts';
import { CODECS, compress } from './compression.ts';
import { CompressionError } from './compression-error.ts';
import { CorruptRecordError } from './corrupt-record-error.ts';
import { isMessageSet, type OldMagic, toBatch, toMessageSet } from './message-set.ts';

function batchOf(...values: readonly (string | null)[]): Buffer {
  const builder = new BatchBuilder();
  for (const [index, value] of values.entries())
    builder.append(1000 + index, Buffer.from(`k${index}`), value === null ? null : Buffer.from(value));
  const batch = builder.build();
  sealBatch(batch);
  return batch;
}

/** A message of its own bytes around `value`, compressed with a codec. */
function wrapper(magic: OldMagic, codec: number, value: Buffer): Buffer {
  const timestamp = magic === 1 ? 8 : 0;
  const message = Buffer.alloc(12 + 14 + timestamp + value.length);
  message.writeInt32BE(14 + timestamp + value.length, 8);
  message[16] = magic;
  message[17] = codec;
  message.writeInt32BE(-1, 18 + timestamp);
  message.writeInt32BE(value.length, 22 + timestamp);
  value.copy(message, 26 + timestamp);
  message.writeUInt32BE(crc32(message.subarray(16)), 12);
  return message;
}

describe('messages of Kafka before 0.11', () => {
  it('are as their own description says, byte by byte', () => {
    const hex = toMessageSet(batchOf('v'), 1, 0).toString('hex');
    const body = `01${'00'}${'00000000000003e8'}${'00000002'}6b30${'00000001'}76`;
    const crc = crc32(Buffer.from(body, 'hex')).toString(16).padStart(8, '0');
    assert.equal(hex, `${'00'.repeat(8)}00000019${crc}${body}`);
  });

  for (const magic of [0, 1] as const) {
    it(`of magic ${magic} become the batch they came from`, () => {
      const messages = toMessageSet(batchOf('a', null, ''), magic, 0);
      assert.ok(isMessageSet(messages));
      const again = toMessageSet(toBatch(messages), magic, 0);
      assert.deepEqual(again, messages);
      assert.equal(
        toMessageSet(batchOf('a', 'b', 'c'), magic, 2).length,
        toMessageSet(batchOf('c'), magic, 0).length,
      );
    });

    for (const codec of [1, 2, 3].filter((each) => magic === 1 || each !== 3)) {
      it(`of magic ${magic}, compressed with ${CODECS[codec]}, are found inside`, () => {
        const messages = toMessageSet(batchOf('a', 'b'), magic, 0);
        const inner = Buffer.from(compress(CODECS[codec]!, messages));
        const batch = toBatch(wrapper(magic, codec, inner));
        assert.deepEqual(toMessageSet(batch, magic, 0), messages);
      });
    }
  }

  it('hold no control records', () => {
    const marker = controlBatch({
      producerId: 1,
      producerEpoch: 0,
      coordinatorEpoch: 0,
      outcome: 'commit',
      timestampMs: 5,
    });
    assert.equal(toMessageSet(marker, 1, 0).length, 0);
  });

  it('damaged anywhere are refused', () => {
    const messages = toMessageSet(batchOf('abc', 'def'), 1, 0);
    for (let at = 8; at < messages.length; at++) {
      const damaged = Buffer.from(messages);
      damaged[at]! ^= 0x55;
      // The offset of the second message means nothing and is not protected.
      const isOffset = at >= messages.length / 2 && at < messages.length / 2 + 8;
      if (isOffset) continue;
      assert.throws(
        () => toBatch(damaged),
        (error) => error instanceof CorruptRecordError || error instanceof CompressionError,
        `byte ${at}`,
      );
    }
    assert.throws(() => toBatch(messages.subarray(0, -1)), CorruptRecordError);
  });
});
