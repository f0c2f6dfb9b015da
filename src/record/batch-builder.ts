import { assert } from '../base/assert.ts';
import {
  BATCH_HEADER_BYTES,
  markControl,
  stampLogAppendTime,
  writeBatchCrc,
  writeProducerFields,
  writeUnsealedHeader,
} from './batch.ts';
import { CODECS, type Codec, compress } from './compression.ts';
import { controlKey, controlValue, type TransactionOutcome } from './control-record.ts';
import { varintSize, varlongSize, writeVarint, writeVarlong } from './varint.ts';

export interface HeaderToWrite {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** Of another record, as `RecordCursor.encodedHeaders` gives them: their count comes first. */
export type EncodedHeaders = Uint8Array;

export interface BatchBuilderOptions {
  readonly compression?: Codec;
  /** Uncompressed, batch header included; Kafka's producer calls it batch.size. */
  readonly maxBytes?: number;
}

const FIRST_CAPACITY = 4 * 1024;
// Below this a loop over bytes beats the call into the runtime's copy.
const SHORT_COPY = 160;
const NO_HEADERS: readonly HeaderToWrite[] = [];
const NO_BYTES = new Uint8Array(0);

/**
 * Collects records into one batch, at offsets 0, 1, 2 ... from its base. `build` gives an *unsealed* batch: base
 * offset 0, no producer, no CRC. `sealBatch` completes it. Usable for one batch after another by `reset`.
 */
export class BatchBuilder {
  readonly #codec: Codec;
  readonly #maxBytes: number;
  #buffer: Buffer = Buffer.allocUnsafeSlow(FIRST_CAPACITY);
  #end = BATCH_HEADER_BYTES;
  #count = 0;
  #baseTimestampMs = 0;
  #maxTimestampMs = 0;

  constructor(options: BatchBuilderOptions = {}) {
    this.#codec = options.compression ?? 'none';
    this.#maxBytes = options.maxBytes ?? Number.POSITIVE_INFINITY;
  }

  get count(): number {
    return this.#count;
  }

  /** Uncompressed, batch header included. */
  get sizeBytes(): number {
    return this.#end;
  }

  /**
   * The record's offset in the batch; or -1, with nothing added, when the batch would pass `maxBytes`: build, reset and
   * append again. The first record always fits, so that a large one is refused by the log, which can say why.
   */
  append(
    timestampMs: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: readonly HeaderToWrite[] | EncodedHeaders = NO_HEADERS,
  ): number {
    const [keyLength, valueLength] = [key?.length ?? -1, value?.length ?? -1];
    return this.appendFrom(timestampMs, key ?? NO_BYTES, keyLength, value ?? NO_BYTES, valueLength, headers);
  }

  /** As `append` for a key and a value that are the first so many bytes of theirs; -1: null. */
  appendFrom(
    timestampMs: number,
    key: Uint8Array,
    keyLength: number,
    value: Uint8Array,
    valueLength: number,
    headers: readonly HeaderToWrite[] | EncodedHeaders = NO_HEADERS,
  ): number {
    const offsetDelta = this.#count;
    if (offsetDelta === 0) this.#baseTimestampMs = timestampMs;
    const timestampDelta = timestampMs - this.#baseTimestampMs;
    const bodyBytes =
      1 +
      varlongSize(timestampDelta) +
      varintSize(offsetDelta) +
      rangeSize(keyLength) +
      rangeSize(valueLength) +
      (headers.length === 0 ? 1 : headersSize(headers));
    const newEnd = this.#end + varintSize(bodyBytes) + bodyBytes;
    if (newEnd > this.#maxBytes && offsetDelta > 0) return -1;
    if (newEnd > this.#buffer.length) this.#grow(newEnd);

    const buffer = this.#buffer;
    let at = writeVarint(buffer, this.#end, bodyBytes);
    buffer[at++] = 0;
    at = writeVarlong(buffer, at, timestampDelta);
    at = writeVarint(buffer, at, offsetDelta);
    at = writeRange(buffer, at, key, keyLength);
    at = writeRange(buffer, at, value, valueLength);
    if (headers.length === 0) buffer[at] = 0;
    else writeHeaders(buffer, at, headers);
    if (offsetDelta === 0 || timestampMs > this.#maxTimestampMs) this.#maxTimestampMs = timestampMs;
    this.#end = newEnd;
    this.#count = offsetDelta + 1;
    return offsetDelta;
  }

  /** A copy with memory of its own, which may be transferred to another thread. The builder goes on unchanged. */
  build(): Buffer {
    assert(this.#count > 0, 'a batch has at least one record');
    const records = compress(this.#codec, this.#buffer.subarray(BATCH_HEADER_BYTES, this.#end));
    const batch = Buffer.allocUnsafeSlow(BATCH_HEADER_BYTES + records.length);
    batch.set(records, BATCH_HEADER_BYTES);
    writeUnsealedHeader(batch, {
      recordCount: this.#count,
      baseTimestampMs: this.#baseTimestampMs,
      maxTimestampMs: this.#maxTimestampMs,
      codec: CODECS.indexOf(this.#codec),
    });
    return batch;
  }

  /** Forgets all records, keeps the memory. */
  reset(): void {
    this.#end = BATCH_HEADER_BYTES;
    this.#count = 0;
  }

  #grow(neededBytes: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(neededBytes, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.#end);
    this.#buffer = grown;
  }
}

/** What completes a batch; a plain one has no producer and no transaction. */
export interface Seal {
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly transactional?: boolean;
  /** Stamps every record with this time instead of its own (message.timestamp.type=LogAppendTime). */
  readonly logAppendTimeMs?: number;
}

/** Turns an unsealed batch, in place, into one that can be appended: producer fields, attributes, then the CRC. */
export function sealBatch(batch: Buffer, seal: Seal = {}): void {
  writeProducerFields(batch, 0, {
    producerId: seal.producerId ?? -1,
    producerEpoch: seal.producerEpoch ?? -1,
    baseSequence: seal.baseSequence ?? -1,
    transactional: seal.transactional ?? false,
  });
  if (seal.logAppendTimeMs === undefined) writeBatchCrc(batch, 0);
  else stampLogAppendTime(batch, 0, seal.logAppendTimeMs);
}

/** The sealed batch that ends a producer's transaction in one partition. */
export function controlBatch(marker: {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
  readonly outcome: TransactionOutcome;
  readonly timestampMs: number;
}): Buffer {
  const builder = new BatchBuilder();
  builder.append(marker.timestampMs, controlKey(marker.outcome), controlValue(marker.coordinatorEpoch));
  const batch = builder.build();
  markControl(batch, 0);
  sealBatch(batch, {
    producerId: marker.producerId,
    producerEpoch: marker.producerEpoch,
    transactional: true,
  });
  return batch;
}

function rangeSize(length: number): number {
  return length < 0 ? 1 : varintSize(length) + length;
}

/** The first `length` bytes; -1: null. */
function writeRange(buffer: Buffer, position: number, bytes: Uint8Array, length: number): number {
  const at = writeVarint(buffer, position, length);
  if (length < 0) return at;
  if (length > SHORT_COPY) buffer.set(length === bytes.length ? bytes : bytes.subarray(0, length), at);
  else for (let index = 0; index < length; index++) buffer[at + index] = bytes[index]!;
  return at + length;
}

function headersSize(headers: readonly HeaderToWrite[] | EncodedHeaders): number {
  if (headers instanceof Uint8Array) return headers.length;
  let size = varintSize(headers.length);
  for (const { key, value } of headers) {
    const keyBytes = Buffer.byteLength(key);
    size += varintSize(keyBytes) + keyBytes + rangeSize(value === null ? -1 : value.length);
  }
  return size;
}

function writeHeaders(
  buffer: Buffer,
  position: number,
  headers: readonly HeaderToWrite[] | EncodedHeaders,
): void {
  if (headers instanceof Uint8Array) {
    buffer.set(headers, position);
    return;
  }
  let at = writeVarint(buffer, position, headers.length);
  for (const { key, value } of headers) {
    at = writeVarint(buffer, at, Buffer.byteLength(key));
    at += buffer.write(key, at);
    at = writeRange(buffer, at, value ?? NO_BYTES, value === null ? -1 : value.length);
  }
}
