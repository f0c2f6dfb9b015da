import {
  BATCH_HEADER_BYTES,
  batchBaseOffset,
  batchBaseTimestamp,
  batchCodec,
  batchExactBaseTimestamp,
  batchExactMaxTimestamp,
  batchLastOffsetDelta,
  batchMaxTimestamp,
  batchRecordCount,
  batchTimestampType,
  batchTotalBytes,
  checkBatchHeader,
} from './batch.ts';
import { CODECS, decompress } from './compression.ts';
import { CompressionError } from './compression-error.ts';
import { CorruptRecordError } from './corrupt-record-error.ts';
import { saturated } from './int64.ts';
import { VarintReader } from './varint.ts';

const SATURATED = Number.MAX_SAFE_INTEGER;
const EMPTY: Buffer = Buffer.alloc(0);

/** Kafka has no limit of its own; this is a hundred times its default message.max.bytes. */
export const DEFAULT_MAX_DECOMPRESSED_BYTES = 100 * 1024 * 1024;

export interface RecordHeader {
  readonly key: string;
  readonly value: Buffer | null;
}

/**
 * Reads the records of one batch after another. `next` moves to the next record and describes it in plain fields,
 * so that reading a record allocates nothing; keys and values are ranges of `bytes`.
 *
 *   record = length varint, attributes 1, timestampDelta varlong, offsetDelta varint,
 *            keyLength varint (-1: null), key, valueLength varint (-1: null), value,
 *            headerCount varint, { keyLength varint, key, valueLength varint (-1: null), value }
 *
 * Invariant: whatever the bytes say, every range lies within its own record and every record within its batch;
 * anything else is a CorruptRecordError.
 */
export class RecordCursor {
  /** What the ranges index into: the buffer given to `reset`, or the decompressed records. */
  bytes: Buffer = EMPTY;
  offset = -1;
  /** The record lies in [start, end): its length, attributes and timestamp delta, then the rest from `deltaStart` on. */
  start = 0;
  deltaStart = 0;
  end = 0;
  /** Saturated at +-(2^53 - 1), which keeps the order; {@link exactTimestamp} is exact. */
  timestampMs = -1;
  keyStart = 0;
  /** -1: null. */
  keyLength = -1;
  valueStart = 0;
  /** -1: null. */
  valueLength = -1;
  headersStart = 0;
  headersCount = 0;

  readonly #maxDecompressedBytes: number;
  readonly #reader = new VarintReader(EMPTY);
  #batch: Buffer = EMPTY;
  #batchPosition = 0;
  #baseOffset = 0;
  #lastOffsetDelta = 0;
  #baseTimestampMs = 0;
  /** Every record's timestamp when the broker stamped the batch, else undefined. */
  #appendTimestampMs: number | undefined;
  #timestampPosition = 0;
  #recordsLeft = 0;
  #batchEnd = 0;

  constructor(options: { readonly maxDecompressedBytes?: number } = {}) {
    this.#maxDecompressedBytes = options.maxDecompressedBytes ?? DEFAULT_MAX_DECOMPRESSED_BYTES;
  }

  /** Stands before the first record of the batch at `position`. The CRC is the caller's business. */
  reset(buffer: Buffer, position: number): void {
    this.#recordsLeft = 0;
    const fault = checkBatchHeader(buffer, position);
    if (fault) throw new CorruptRecordError(`${fault} in the record batch at byte ${position}`);
    this.#batch = buffer;
    this.#batchPosition = position;
    this.#baseOffset = batchBaseOffset(buffer, position);
    this.#lastOffsetDelta = batchLastOffsetDelta(buffer, position);
    this.#baseTimestampMs = batchBaseTimestamp(buffer, position);
    const stamped = batchTimestampType(buffer, position) === 'LogAppendTime';
    this.#appendTimestampMs = stamped ? batchMaxTimestamp(buffer, position) : undefined;
    this.#openRecords(buffer, position);
    this.#recordsLeft = batchRecordCount(buffer, position);
  }

  /** Stands where another cursor does, and goes on from there by itself, to the end of that batch. */
  follow(other: RecordCursor): void {
    this.bytes = other.bytes;
    this.offset = other.offset;
    this.start = other.start;
    this.deltaStart = other.deltaStart;
    this.end = other.end;
    this.timestampMs = other.timestampMs;
    this.keyStart = other.keyStart;
    this.keyLength = other.keyLength;
    this.valueStart = other.valueStart;
    this.valueLength = other.valueLength;
    this.headersStart = other.headersStart;
    this.headersCount = other.headersCount;
    this.#reader.buffer = other.#reader.buffer;
    this.#reader.position = other.#reader.position;
    this.#batch = other.#batch;
    this.#batchPosition = other.#batchPosition;
    this.#baseOffset = other.#baseOffset;
    this.#lastOffsetDelta = other.#lastOffsetDelta;
    this.#baseTimestampMs = other.#baseTimestampMs;
    this.#appendTimestampMs = other.#appendTimestampMs;
    this.#timestampPosition = other.#timestampPosition;
    this.#recordsLeft = other.#recordsLeft;
    this.#batchEnd = other.#batchEnd;
  }

  /** False after the last record. */
  next(): boolean {
    if (this.#recordsLeft === 0) return this.#finish();
    const reader = this.#reader;
    reader.end = this.#batchEnd;
    this.start = reader.position;
    const recordBytes = reader.varint();
    const recordEnd = reader.position + recordBytes;
    // The shortest record has an attribute byte and five one-byte varints.
    if (recordBytes < 6 || recordEnd > this.#batchEnd) throw this.#corrupt('record length');
    reader.end = recordEnd;
    this.end = recordEnd;
    this.#recordsLeft--;

    this.#timestampPosition = ++reader.position;
    const timestampDelta = reader.varlong();
    this.timestampMs = this.#appendTimestampMs ?? this.#timestamp(timestampDelta);
    this.deltaStart = reader.position;
    const offsetDelta = reader.varint();
    if (offsetDelta < 0 || offsetDelta > this.#lastOffsetDelta) throw this.#corrupt('offset delta');
    this.offset = this.#baseOffset + offsetDelta;

    this.keyLength = reader.varint();
    this.keyStart = reader.position;
    if (this.keyLength > 0) reader.position += this.keyLength;
    if (this.keyLength < -1 || reader.position > recordEnd) throw this.#corrupt('key length');
    this.valueLength = reader.varint();
    this.valueStart = reader.position;
    if (this.valueLength > 0) reader.position += this.valueLength;
    if (this.valueLength < -1 || reader.position > recordEnd) throw this.#corrupt('value length');

    this.headersCount = reader.varint();
    this.headersStart = reader.position;
    // A header takes two bytes at least.
    if (this.headersCount < 0 || this.headersCount * 2 > recordEnd - reader.position) {
      throw this.#corrupt('header count');
    }
    if (this.headersCount === 0 && reader.position !== recordEnd) throw this.#corrupt('record length');
    reader.position = recordEnd;
    return true;
  }

  /** The current record's headers, decoded anew by each call. */
  headers(): RecordHeader[] {
    const reader = new VarintReader(this.bytes, this.headersStart, this.end);
    const headers: RecordHeader[] = [];
    for (let index = 0; index < this.headersCount; index++) {
      const key = this.#range(reader);
      if (key === null) throw this.#corrupt('header key');
      headers.push({ key: key.toString('utf8'), value: this.#range(reader) });
    }
    if (reader.position !== this.end) throw this.#corrupt('record length');
    return headers;
  }

  /**
   * The current record's headers as they are written, their count first, to be copied into another record; undefined
   * when there are none. A view, not a copy, of bytes that were checked to be headers.
   */
  encodedHeaders(): Buffer | undefined {
    if (this.headersCount === 0) return undefined;
    const reader = new VarintReader(this.bytes, this.headersStart, this.end);
    for (let index = 0; index < this.headersCount; index++) {
      if (this.#skipRange(reader) < 0) throw this.#corrupt('header key');
      this.#skipRange(reader);
    }
    if (reader.position !== this.end) throw this.#corrupt('record length');
    return this.bytes.subarray(this.valueStart + Math.max(this.valueLength, 0), this.end);
  }

  /** The current record's timestamp as the int64 it is. */
  exactTimestamp(): bigint {
    if (this.#appendTimestampMs !== undefined)
      return batchExactMaxTimestamp(this.#batch, this.#batchPosition);
    const reader = new VarintReader(this.bytes, this.#timestampPosition, this.end);
    const base = batchExactBaseTimestamp(this.#batch, this.#batchPosition);
    return BigInt.asIntN(64, base + reader.bigVarlong());
  }

  /** A view, not a copy; null for a null key. */
  key(): Buffer | null {
    return this.keyLength < 0 ? null : this.bytes.subarray(this.keyStart, this.keyStart + this.keyLength);
  }

  /** A view, not a copy; null for a tombstone. */
  value(): Buffer | null {
    return this.valueLength < 0
      ? null
      : this.bytes.subarray(this.valueStart, this.valueStart + this.valueLength);
  }

  #openRecords(buffer: Buffer, position: number): void {
    const start = position + BATCH_HEADER_BYTES;
    const end = position + batchTotalBytes(buffer, position);
    const codec = CODECS[batchCodec(buffer, position)]!;
    this.bytes = codec === 'none' ? buffer : this.#decompressed(codec, buffer.subarray(start, end));
    this.#reader.buffer = this.bytes;
    this.#reader.position = codec === 'none' ? start : 0;
    this.#batchEnd = codec === 'none' ? end : this.bytes.length;
  }

  #decompressed(codec: (typeof CODECS)[number], records: Buffer): Buffer {
    try {
      return decompress(codec, records, this.#maxDecompressedBytes);
    } catch (error) {
      if (error instanceof CompressionError) throw this.#corrupt(error.message);
      throw error;
    }
  }

  // A saturated base plus a negative delta would be a wrong time, not a saturated one.
  #timestamp(delta: number): number {
    const isExact = Math.abs(this.#baseTimestampMs) < SATURATED && Math.abs(delta) < SATURATED;
    return saturated(isExact ? this.#baseTimestampMs + delta : Number(this.exactTimestamp()));
  }

  #finish(): false {
    if (this.#reader.position !== this.#batchEnd) {
      this.#batchEnd = this.#reader.position;
      throw this.#corrupt('bytes after the last record');
    }
    return false;
  }

  #range(reader: VarintReader): Buffer | null {
    const length = this.#skipRange(reader);
    return length < 0 ? null : this.bytes.subarray(reader.position - length, reader.position);
  }

  /** Its length; -1: null. */
  #skipRange(reader: VarintReader): number {
    const length = reader.varint();
    if (length < -1 || reader.position + length > this.end) throw this.#corrupt('header length');
    if (length > 0) reader.position += length;
    return length;
  }

  #corrupt(what: string): CorruptRecordError {
    return new CorruptRecordError(`bad ${what} in the record batch at offset ${this.#baseOffset}`);
  }
}
