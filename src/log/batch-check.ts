import type { Buffer } from 'node:buffer';
import {
  batchBaseOffset,
  batchBaseSequence,
  batchIsControl,
  batchIsTransactional,
  batchLastOffsetDelta,
  batchMaxTimestamp,
  batchProducerEpoch,
  batchProducerId,
  batchRecordCount,
  batchTimestampType,
  batchTotalBytes,
  checkBatchHeader,
  crcIsValid,
} from '../record/batch.ts';
import { CompressionError } from '../record/compression-error.ts';
import { CorruptRecordError } from '../record/corrupt-record-error.ts';
import { recompress } from '../record/recompress.ts';
import { RecordCursor } from '../record/record-cursor.ts';
import type { LogConfig } from './log-config.ts';
import { LogError, type RecordFault } from './log-error.ts';
import { NO_SEQUENCE, type ProducerBatch } from './producer-state.ts';

/**
 * Refuses what must not get into a log. Kafka decompresses every batch to look at its records; here the header and
 * the CRC decide, and records are decoded only where their content matters (keys of a compacted topic).
 */
export function checkAppend(
  batch: Buffer,
  config: LogConfig,
  nowMs: number,
  origin: 'client' | 'internal',
): void {
  const fault = checkBatchHeader(batch, 0);
  if (fault === 'BAD_MAGIC')
    throw new LogError('INVALID_RECORD', 'only record batches of magic 2 are accepted');
  if (fault !== undefined)
    throw new LogError('CORRUPT_MESSAGE', `the record batch header is invalid (${fault})`);
  if (batchTotalBytes(batch, 0) !== batch.length) {
    throw new LogError('INVALID_RECORD', 'exactly one record batch may be appended at a time');
  }
  checkSize(batch, config);
  // A coordinator's decision is one batch, whatever its size; it gets a segment of its own.
  if (batch.length > config.segmentBytes && origin === 'client') {
    const limit = `larger than segment.bytes=${config.segmentBytes}`;
    throw new LogError('RECORD_LIST_TOO_LARGE', `the record batch has ${batch.length} bytes, ${limit}`);
  }
  if (!crcIsValid(batch, 0))
    throw new LogError('CORRUPT_MESSAGE', 'the CRC of the record batch does not match');
  checkCount(batch);
  checkProducer(batch, origin);
  if (batchIsControl(batch, 0)) {
    throw new LogError('INVALID_RECORD', 'control batches are written by the transaction coordinator alone');
  }
  if (origin === 'internal') return;
  if (batchBaseOffset(batch, 0) !== 0) {
    throw new LogError('INVALID_RECORD', `the base offset must be 0, not ${batchBaseOffset(batch, 0)}`);
  }
  if (config.messageTimestampType === 'CreateTime') checkTimestamps(batch, config, nowMs);
  else checkTimestampType(batch);
  if (config.cleanupPolicy.has('compact')) checkKeys(batch);
}

function checkSize(batch: Buffer, { maxMessageBytes }: LogConfig): void {
  if (batch.length <= maxMessageBytes) return;
  const limit = `larger than max.message.bytes=${maxMessageBytes}`;
  throw new LogError('MESSAGE_TOO_LARGE', `the record batch has ${batch.length} bytes, ${limit}`);
}

/** A checked batch as the topic's `compression.type` wants it stored; itself when it is so already. */
export function compressedFor(config: LogConfig, batch: Buffer): Buffer {
  if (config.compression === undefined) return batch;
  try {
    const recompressed = recompress(batch, config.compression);
    if (recompressed !== undefined) checkSize(recompressed, config);
    return recompressed ?? batch;
  } catch (error) {
    if (error instanceof CompressionError)
      throw new LogError('CORRUPT_MESSAGE', `the records cannot be decompressed: ${error.message}`);
    throw error;
  }
}

/** The idempotent producer's part of the header; undefined for a plain batch. */
export function producerBatch(buffer: Buffer, at: number): ProducerBatch | undefined {
  const producerId = batchProducerId(buffer, at);
  if (producerId < 0) return undefined;
  return {
    producerId,
    producerEpoch: batchProducerEpoch(buffer, at),
    baseSequence: batchBaseSequence(buffer, at),
    lastOffsetDelta: batchLastOffsetDelta(buffer, at),
    maxTimestampMs: batchMaxTimestamp(buffer, at),
    transactional: batchIsTransactional(buffer, at),
  };
}

function checkCount(batch: Buffer): void {
  const count = batchRecordCount(batch, 0);
  if (count === 0) throw new LogError('INVALID_RECORD', 'the record batch is empty');
  if (count !== batchLastOffsetDelta(batch, 0) + 1) {
    const offsets = batchLastOffsetDelta(batch, 0) + 1;
    throw new LogError('INVALID_RECORD', `the record batch has ${count} records for ${offsets} offsets`);
  }
}

function checkProducer(batch: Buffer, origin: 'client' | 'internal'): void {
  if (batchProducerId(batch, 0) < 0) {
    if (batchIsTransactional(batch, 0))
      throw new LogError('INVALID_RECORD', 'a transaction needs a producer id');
    return;
  }
  // A coordinator's batches in a transaction have no sequence: it keeps the order itself and never retries.
  const isUnnumbered = origin === 'internal' && batchBaseSequence(batch, 0) === NO_SEQUENCE;
  if ((batchBaseSequence(batch, 0) < 0 && !isUnnumbered) || batchProducerEpoch(batch, 0) < 0) {
    throw new LogError('INVALID_RECORD', 'a producer id needs an epoch and a sequence of at least 0');
  }
}

function checkTimestamps(batch: Buffer, config: LogConfig, nowMs: number): void {
  const { timestampBeforeMaxMs, timestampAfterMaxMs } = config;
  const largest = batchMaxTimestamp(batch, 0);
  // -1 is Kafka's "no timestamp".
  if (largest < 0) return;
  const isLate = (timestampMs: number) => timestampMs >= 0 && nowMs - timestampMs > timestampBeforeMaxMs;
  const isEarly = (timestampMs: number) => timestampMs - nowMs > timestampAfterMaxMs;
  // The header tells the largest timestamp, not the smallest: only who asks for it pays for looking at each.
  if (timestampBeforeMaxMs === Number.POSITIVE_INFINITY && !isEarly(largest)) return;
  const range = `[${shifted(nowMs, -timestampBeforeMaxMs)}, ${shifted(nowMs, timestampAfterMaxMs)}]`;
  const outOfRange = (timestampMs: number, index: number) =>
    `Timestamp ${timestampMs} of message with offset ${index} is out of range. The timestamp should be within ${range}`;
  const records = faults(batch, ({ timestampMs }, index) =>
    isLate(timestampMs) || isEarly(timestampMs) ? outOfRange(timestampMs, index) : undefined,
  );
  if (records.length === 0 && !isEarly(largest)) return;
  const message = records[0]?.message ?? outOfRange(largest, 0);
  throw new LogError('INVALID_TIMESTAMP', message, { records });
}

const LONG_MAX = 2n ** 63n - 1n;

/** In 64 bits, as Kafka counts: what has no limit there is the largest long. */
function shifted(nowMs: number, byMs: number): bigint {
  const shift = Number.isFinite(byMs) ? BigInt(Math.trunc(byMs)) : byMs < 0 ? -LONG_MAX : LONG_MAX;
  return BigInt.asIntN(64, BigInt(Math.trunc(nowMs)) + shift);
}

/** Whose time a record carries is the topic's business. */
function checkTimestampType(batch: Buffer): void {
  if (batchTimestampType(batch, 0) === 'CreateTime') return;
  const message = 'a producer must not set the timestamp type to LogAppendTime';
  throw new LogError('INVALID_TIMESTAMP', message, { records: faults(batch, () => message) });
}

function checkKeys(batch: Buffer): void {
  const records = faults(batch, keyFault);
  const [first] = records;
  if (first !== undefined) throw new LogError('INVALID_RECORD', first.message, { records });
}

function keyFault({ keyLength, offset }: RecordCursor): string | undefined {
  return keyLength < 0 ? `record ${offset} has no key, which a compacted topic requires` : undefined;
}

/** A small compressed batch may hold millions of bad records. */
const MOST_FAULTS = 1_000;

/** KIP-467: bad records are named, so that a client can fail those and say of the others why they failed too. */
function faults(
  batch: Buffer,
  faultOf: (record: RecordCursor, index: number) => string | undefined,
): RecordFault[] {
  const cursor = new RecordCursor();
  const found: RecordFault[] = [];
  try {
    cursor.reset(batch, 0);
    for (let index = 0; found.length < MOST_FAULTS && cursor.next(); index++) {
      const message = faultOf(cursor, index);
      if (message !== undefined) found.push({ index, message });
    }
  } catch (error) {
    if (error instanceof CorruptRecordError)
      throw new LogError('INVALID_RECORD', error.message, { cause: error });
    throw error;
  }
  return found;
}
