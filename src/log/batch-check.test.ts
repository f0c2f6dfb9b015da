import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BATCH_HEADER_BYTES } from '../record/batch.ts';
import { BatchBuilder, sealBatch } from '../record/batch-builder.ts';
import { crc32c } from '../record/crc32c.ts';
import { checkAppend, compressedFor } from './batch-check.ts';
import { DEFAULT_LOG_CONFIG, type LogConfig } from './log-config.ts';
import type { LogError } from './log-error.ts';
import { clientBatch, START_MS } from './log-fixture.ts';

/** A valid batch, changed and sealed again so that only what was changed is wrong. */
function changed(edit: (batch: Buffer) => void): Buffer {
  const batch = clientBatch({ values: ['a', 'b'] });
  edit(batch);
  batch.writeUInt32BE(crc32c(batch, 21), 17);
  return batch;
}

function keyed(key: string | null): Buffer {
  const builder = new BatchBuilder({ compression: 'gzip' });
  builder.append(START_MS, key === null ? null : Buffer.from(key), null);
  const batch = builder.build();
  sealBatch(batch);
  return batch;
}

const one = clientBatch('x');
const compact: Partial<LogConfig> = { cleanupPolicy: new Set(['compact', 'delete']) };

const cases: [name: string, batch: Buffer, code: string | undefined, config?: Partial<LogConfig>][] = [
  ['a valid batch', clientBatch({ values: ['a', 'b'] }), undefined],
  [
    'an idempotent batch',
    clientBatch({ values: ['a'], seal: { producerId: 1, producerEpoch: 0, baseSequence: 0 } }),
    undefined,
  ],
  ['nothing', Buffer.alloc(0), 'CORRUPT_MESSAGE'],
  ['half a header', one.subarray(0, BATCH_HEADER_BYTES - 1), 'CORRUPT_MESSAGE'],
  ['half a batch', one.subarray(0, one.length - 1), 'CORRUPT_MESSAGE'],
  ['two batches', Buffer.concat([one, one]), 'INVALID_RECORD'],
  ['magic 1', changed((batch) => batch.writeInt8(1, 16)), 'INVALID_RECORD'],
  ['a wrong CRC', Buffer.concat([one.subarray(0, -1), Buffer.from([1])]), 'CORRUPT_MESSAGE'],
  ['no records', changed((batch) => batch.writeInt32BE(0, 57)), 'INVALID_RECORD'],
  ['fewer records than offsets', changed((batch) => batch.writeInt32BE(1, 57)), 'INVALID_RECORD'],
  ['a base offset', changed((batch) => batch.writeInt32BE(1, 4)), 'INVALID_RECORD'],
  ['a control batch', changed((batch) => batch.writeInt16BE(0x30, 21)), 'INVALID_RECORD'],
  ['a transaction without producer', changed((batch) => batch.writeInt16BE(0x10, 21)), 'INVALID_RECORD'],
  [
    'a producer without sequence',
    clientBatch({ values: ['a'], seal: { producerId: 1, producerEpoch: 0 } }),
    'INVALID_RECORD',
  ],
  ['one byte above max.message.bytes', one, 'MESSAGE_TOO_LARGE', { maxMessageBytes: one.length - 1 }],
  ['exactly max.message.bytes', one, undefined, { maxMessageBytes: one.length }],
  ['more than a segment', one, 'RECORD_LIST_TOO_LARGE', { segmentBytes: one.length - 1 }],
  ['an hour ahead', clientBatch({ values: ['a'], timestampsMs: [START_MS + 3_600_000] }), undefined],
  [
    'more than an hour ahead',
    clientBatch({ values: ['a'], timestampsMs: [START_MS + 3_600_001] }),
    'INVALID_TIMESTAMP',
  ],
  [
    'too old',
    clientBatch({ values: ['a'], timestampsMs: [START_MS - 11] }),
    'INVALID_TIMESTAMP',
    { timestampBeforeMaxMs: 10 },
  ],
  [
    'no timestamp',
    clientBatch({ values: ['a'], timestampsMs: [-1] }),
    undefined,
    { timestampBeforeMaxMs: 10 },
  ],
  [
    'any timestamp under LogAppendTime',
    clientBatch({ values: ['a'], timestampsMs: [START_MS * 2] }),
    undefined,
    { messageTimestampType: 'LogAppendTime' },
  ],
  [
    'a time of arrival that the producer claims',
    changed((batch) => batch.writeInt16BE(0x08, 21)),
    'INVALID_TIMESTAMP',
    { messageTimestampType: 'LogAppendTime' },
  ],
  [
    'an old record behind a new one',
    clientBatch({ values: ['a', 'b', 'c'], timestampsMs: [START_MS, START_MS - 11, START_MS] }),
    'INVALID_TIMESTAMP',
    { timestampBeforeMaxMs: 10 },
  ],
  ['no key in a compacted topic', keyed(null), 'INVALID_RECORD', compact],
  ['a key in a compacted topic', keyed('k'), undefined, compact],
];

describe('checkAppend', () => {
  for (const [name, batch, code, config] of cases) {
    it(`${code === undefined ? 'accepts' : 'refuses'} ${name}`, () => {
      const check = () => checkAppend(batch, { ...DEFAULT_LOG_CONFIG, ...config }, START_MS, 'client');
      if (code === undefined) check();
      else assert.throws(check, { code });
    });
  }

  it('stores batches under the codec of the topic, and no larger than it allows', () => {
    const batch = clientBatch({ values: ['x'.repeat(1000)] });
    const config = { ...DEFAULT_LOG_CONFIG, compression: { codec: 'gzip' as const } };
    assert.equal(compressedFor(DEFAULT_LOG_CONFIG, batch), batch);
    const stored = compressedFor(config, batch);
    assert.ok(stored.length < 200);
    assert.equal(compressedFor(config, stored), stored);
    const plain = { ...config, compression: { codec: 'none' as const }, maxMessageBytes: 500 };
    assert.throws(() => compressedFor(plain, stored), { code: 'MESSAGE_TOO_LARGE' });
  });

  it('names no more records than an answer should hold', () => {
    const batch = clientBatch({ values: Array.from({ length: 5_000 }, () => 'x') });
    assert.throws(
      () => checkAppend(batch, { ...DEFAULT_LOG_CONFIG, ...compact }, START_MS, 'client'),
      (error: LogError) => error.records.length === 1_000,
    );
  });

  it('names the records at fault by their place', () => {
    const timestampsMs = [START_MS, START_MS - 20, START_MS + 5];
    const batch = clientBatch({ values: ['a', 'b', 'c'], timestampsMs });
    const config = { ...DEFAULT_LOG_CONFIG, timestampBeforeMaxMs: 10, timestampAfterMaxMs: 3 };
    assert.throws(
      () => checkAppend(batch, config, START_MS, 'client'),
      (error: LogError) => {
        assert.deepEqual(
          error.records.map(({ index }) => index),
          [1, 2],
        );
        return true;
      },
    );
  });
});
