import { CorruptRecordError } from './corrupt-record-error.ts';
import { crc32c } from './crc32c.ts';
import { readInt64, readInt64Saturated, writeInt64 } from './int64.ts';

/*
 * Record batch v2 (magic 2), the same bytes on disk and on the wire; big-endian.
 *
 *   at  bytes                              at  bytes
 *    0   8  baseOffset                     23   4  lastOffsetDelta
 *    8   4  batchLength: bytes after this  27   8  baseTimestamp
 *   12   4  partitionLeaderEpoch           35   8  maxTimestamp
 *   16   1  magic = 2                      43   8  producerId      (-1: none)
 *   17   4  crc: CRC-32C of 21 .. end      51   2  producerEpoch   (-1: none)
 *   21   2  attributes                     53   4  baseSequence    (-1: none)
 *                                          57   4  recordCount
 *                                          61   .  records, compressed as one when a codec is set
 *
 *   attributes   bits 0-2 codec   3 log append time   4 transactional   5 control   6 delete horizon
 *
 * The CRC leaves out what a broker changes on append: base offset, leader epoch (and the length, whose
 * damage shows as a wrong CRC). So appending patches two fields and never touches the producer's records.
 */
const LENGTH_AT = 8;
const LEADER_EPOCH_AT = 12;
const MAGIC_AT = 16;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const LAST_OFFSET_DELTA_AT = 23;
const BASE_TIMESTAMP_AT = 27;
const MAX_TIMESTAMP_AT = 35;
const PRODUCER_ID_AT = 43;
const PRODUCER_EPOCH_AT = 51;
const BASE_SEQUENCE_AT = 53;
const RECORD_COUNT_AT = 57;

export const BATCH_HEADER_BYTES = 61;
/** Base offset and batch length: what must be there before the size of a batch is known. */
export const BATCH_PREFIX_BYTES = 12;
export const BATCH_MAGIC = 2;

const CODEC_MASK = 0x07;
const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;
const DELETE_HORIZON = 0x40;

export type TimestampType = 'CreateTime' | 'LogAppendTime';

// Accessors take any buffer and the position where a batch begins; they allocate nothing. They expect a header that
// `checkBatchHeader` passed, and read fields of batches in a large chunk without slicing it.

export function batchBaseOffset(buffer: Buffer, position: number): number {
  return readInt64(buffer, position);
}

/** The whole batch, prefix included. */
export function batchTotalBytes(buffer: Buffer, position: number): number {
  return BATCH_PREFIX_BYTES + buffer.readInt32BE(position + LENGTH_AT);
}

export function batchLastOffset(buffer: Buffer, position: number): number {
  return batchBaseOffset(buffer, position) + batchLastOffsetDelta(buffer, position);
}

export function batchLastOffsetDelta(buffer: Buffer, position: number): number {
  return buffer.readInt32BE(position + LAST_OFFSET_DELTA_AT);
}

export function batchLeaderEpoch(buffer: Buffer, position: number): number {
  return buffer.readInt32BE(position + LEADER_EPOCH_AT);
}

export function batchMagic(buffer: Buffer, position: number): number {
  return buffer.readInt8(position + MAGIC_AT);
}

export function batchCrc(buffer: Buffer, position: number): number {
  return buffer.readUInt32BE(position + CRC_AT);
}

export function batchAttributes(buffer: Buffer, position: number): number {
  return buffer.readInt16BE(position + ATTRIBUTES_AT);
}

/** Saturated at +-(2^53 - 1), see {@link readInt64Saturated}. */
export function batchBaseTimestamp(buffer: Buffer, position: number): number {
  return readInt64Saturated(buffer, position + BASE_TIMESTAMP_AT);
}

export function batchExactBaseTimestamp(buffer: Buffer, position: number): bigint {
  return buffer.readBigInt64BE(position + BASE_TIMESTAMP_AT);
}

/** Saturated at +-(2^53 - 1), see {@link readInt64Saturated}; -1 when the batch has no timestamps. */
export function batchMaxTimestamp(buffer: Buffer, position: number): number {
  return readInt64Saturated(buffer, position + MAX_TIMESTAMP_AT);
}

export function batchExactMaxTimestamp(buffer: Buffer, position: number): bigint {
  return buffer.readBigInt64BE(position + MAX_TIMESTAMP_AT);
}

export function batchProducerId(buffer: Buffer, position: number): number {
  return readInt64(buffer, position + PRODUCER_ID_AT);
}

export function batchProducerEpoch(buffer: Buffer, position: number): number {
  return buffer.readInt16BE(position + PRODUCER_EPOCH_AT);
}

export function batchBaseSequence(buffer: Buffer, position: number): number {
  return buffer.readInt32BE(position + BASE_SEQUENCE_AT);
}

/** Sequences wrap to 0 after 2^31 - 1. */
export function batchLastSequence(buffer: Buffer, position: number): number {
  const base = batchBaseSequence(buffer, position);
  return base < 0 ? base : (base + batchLastOffsetDelta(buffer, position)) & 0x7fffffff;
}

export function batchRecordCount(buffer: Buffer, position: number): number {
  return buffer.readInt32BE(position + RECORD_COUNT_AT);
}

/** The codec's number: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
export function batchCodec(buffer: Buffer, position: number): number {
  return batchAttributes(buffer, position) & CODEC_MASK;
}

export function batchTimestampType(buffer: Buffer, position: number): TimestampType {
  return batchAttributes(buffer, position) & LOG_APPEND_TIME ? 'LogAppendTime' : 'CreateTime';
}

export function batchIsTransactional(buffer: Buffer, position: number): boolean {
  return (batchAttributes(buffer, position) & TRANSACTIONAL) !== 0;
}

export function batchIsControl(buffer: Buffer, position: number): boolean {
  return (batchAttributes(buffer, position) & CONTROL) !== 0;
}

/** KIP-534: when set, the base timestamp is the time from which tombstones of a compacted log may go. */
export function batchHasDeleteHorizon(buffer: Buffer, position: number): boolean {
  return (batchAttributes(buffer, position) & DELETE_HORIZON) !== 0;
}

export function patchBaseOffset(buffer: Buffer, position: number, baseOffset: number): void {
  writeInt64(buffer, position, baseOffset);
}

export function patchLeaderEpoch(buffer: Buffer, position: number, leaderEpoch: number): void {
  buffer.writeInt32BE(leaderEpoch, position + LEADER_EPOCH_AT);
}

/** The batch must lie whole in the buffer. */
export function crcIsValid(buffer: Buffer, position: number): boolean {
  return batchCrc(buffer, position) === computeCrc(buffer, position);
}

/** Topics with message.timestamp.type=LogAppendTime: consumers then take maxTimestamp for every record. */
export function stampLogAppendTime(buffer: Buffer, position: number, nowMs: number): void {
  setAttribute(buffer, position, LOG_APPEND_TIME, true);
  writeInt64(buffer, position + MAX_TIMESTAMP_AT, nowMs);
  writeBatchCrc(buffer, position);
}

/** What a producer adds to records: who sent them, in which place of its sequence. -1: nobody in particular. */
export interface ProducerFields {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly transactional: boolean;
}

/** Changes bytes under the CRC: {@link writeBatchCrc} or {@link stampLogAppendTime} must follow. */
export function writeProducerFields(buffer: Buffer, position: number, fields: ProducerFields): void {
  writeInt64(buffer, position + PRODUCER_ID_AT, fields.producerId);
  buffer.writeInt16BE(fields.producerEpoch, position + PRODUCER_EPOCH_AT);
  buffer.writeInt32BE(fields.baseSequence, position + BASE_SEQUENCE_AT);
  setAttribute(buffer, position, TRANSACTIONAL, fields.transactional);
}

/** Changes bytes under the CRC, as above. Only brokers write control batches. */
export function markControl(buffer: Buffer, position: number): void {
  setAttribute(buffer, position, CONTROL, true);
}

/** The fields of a batch nobody has sealed or appended yet. */
export interface UnsealedHeader {
  readonly recordCount: number;
  readonly baseTimestampMs: number;
  readonly maxTimestampMs: number;
  readonly codec: number;
}

/** Writes the header over the first bytes of `batch`, whose records are in place already. */
export function writeUnsealedHeader(batch: Buffer, header: UnsealedHeader): void {
  writeInt64(batch, 0, 0);
  batch.writeInt32BE(batch.length - BATCH_PREFIX_BYTES, LENGTH_AT);
  batch.writeInt32BE(-1, LEADER_EPOCH_AT);
  batch.writeInt8(BATCH_MAGIC, MAGIC_AT);
  batch.writeUInt32BE(0, CRC_AT);
  batch.writeInt16BE(header.codec, ATTRIBUTES_AT);
  batch.writeInt32BE(header.recordCount - 1, LAST_OFFSET_DELTA_AT);
  writeInt64(batch, BASE_TIMESTAMP_AT, header.baseTimestampMs);
  writeInt64(batch, MAX_TIMESTAMP_AT, header.maxTimestampMs);
  writeInt64(batch, PRODUCER_ID_AT, -1);
  batch.writeInt16BE(-1, PRODUCER_EPOCH_AT);
  batch.writeInt32BE(-1, BASE_SEQUENCE_AT);
  batch.writeInt32BE(header.recordCount, RECORD_COUNT_AT);
}

/** What compaction changes in a header, whose other fields stay those of the batch the producer sent. */
export interface HeaderChange {
  readonly recordCount: number;
  /** Unchanged unless given. */
  readonly maxTimestampMs?: number;
  /** Becomes the base timestamp, which the records' deltas must count from. */
  readonly deleteHorizonMs?: number;
}

/** Fits the header at the begin of `batch` to fewer records, and seals it. One without records needs no codec. */
export function rewriteHeader(batch: Buffer, change: HeaderChange): void {
  batch.writeInt32BE(batch.length - BATCH_PREFIX_BYTES, LENGTH_AT);
  batch.writeInt32BE(change.recordCount, RECORD_COUNT_AT);
  if (change.maxTimestampMs !== undefined) writeInt64(batch, MAX_TIMESTAMP_AT, change.maxTimestampMs);
  if (change.deleteHorizonMs !== undefined) {
    setAttribute(batch, 0, DELETE_HORIZON, true);
    writeInt64(batch, BASE_TIMESTAMP_AT, change.deleteHorizonMs);
  }
  if (change.recordCount === 0) {
    setAttribute(batch, 0, CODEC_MASK | DELETE_HORIZON, false);
    writeInt64(batch, BASE_TIMESTAMP_AT, -1);
  }
  writeBatchCrc(batch, 0);
}

/** Says that the records behind the header are compressed in another way and have another length, and seals it. */
export function rewriteCodec(batch: Buffer, codec: number): void {
  batch.writeInt32BE(batch.length - BATCH_PREFIX_BYTES, LENGTH_AT);
  setAttribute(batch, 0, CODEC_MASK, false);
  setAttribute(batch, 0, codec, true);
  writeBatchCrc(batch, 0);
}

/** What is wrong with a header. TRUNCATED: the bytes end before the batch does; more may make it whole. */
export type HeaderFault =
  | 'TRUNCATED'
  | 'BAD_LENGTH'
  | 'BAD_MAGIC'
  | 'BAD_OFFSET'
  | 'BAD_COUNT'
  | 'BAD_CODEC'
  | 'BAD_PRODUCER';

/** Whether the fields make sense and the batch ends at or before `end`; says nothing about the records or the CRC. */
export function checkBatchHeader(
  buffer: Buffer,
  position: number,
  end = buffer.length,
): HeaderFault | undefined {
  const available = end - position;
  // The first 17 bytes decide whether this is a v2 batch at all, so that garbage is not taken for a long batch.
  if (available <= MAGIC_AT) return 'TRUNCATED';
  if (batchMagic(buffer, position) !== BATCH_MAGIC) return 'BAD_MAGIC';
  const totalBytes = batchTotalBytes(buffer, position);
  if (totalBytes < BATCH_HEADER_BYTES) return 'BAD_LENGTH';
  if (available < BATCH_HEADER_BYTES) return 'TRUNCATED';
  const delta = batchLastOffsetDelta(buffer, position);
  const lastOffset = readInt64Saturated(buffer, position) + delta;
  if (buffer[position]! >= 0x80 || delta < 0 || lastOffset >= Number.MAX_SAFE_INTEGER) return 'BAD_OFFSET';
  const count = batchRecordCount(buffer, position);
  // Compaction leaves fewer records than offsets, even none.
  if (count < 0 || count > delta + 1) return 'BAD_COUNT';
  if (batchCodec(buffer, position) > 4) return 'BAD_CODEC';
  const producerId = readInt64Saturated(buffer, position + PRODUCER_ID_AT);
  if (Math.abs(producerId) >= Number.MAX_SAFE_INTEGER) return 'BAD_PRODUCER';
  return available < totalBytes ? 'TRUNCATED' : undefined;
}

/**
 * The positions of the whole batches in `buffer`, in order. Ends quietly before a batch that is cut off, as the last
 * one of a fetch may be; throws on anything else that is no batch.
 */
export function* walkBatches(buffer: Buffer, start = 0, end = buffer.length): Generator<number> {
  for (let position = start; position < end; position += batchTotalBytes(buffer, position)) {
    const fault = checkBatchHeader(buffer, position, end);
    if (fault === 'TRUNCATED') return;
    if (fault) throw new CorruptRecordError(`${fault} in the record batch at byte ${position}`);
    yield position;
  }
}

function setAttribute(buffer: Buffer, position: number, bit: number, on: boolean): void {
  const attributes = batchAttributes(buffer, position);
  buffer.writeInt16BE(on ? attributes | bit : attributes & ~bit, position + ATTRIBUTES_AT);
}

export function writeBatchCrc(buffer: Buffer, position: number): void {
  buffer.writeUInt32BE(computeCrc(buffer, position), position + CRC_AT);
}

function computeCrc(buffer: Buffer, position: number): number {
  return crc32c(buffer, position + ATTRIBUTES_AT, position + batchTotalBytes(buffer, position));
}
