import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { batchIsControl, batchTimestampType, walkBatches } from './batch.ts';
import { BatchBuilder, sealBatch } from './batch-builder.ts';
import { CODECS, type Codec, decompress } from './compression.ts';
import { CorruptRecordError } from './corrupt-record-error.ts';
import { RecordCursor } from './record-cursor.ts';

/*
 * Records as they were before Kafka 0.11, which old agents still send and read: messages of magic 0, or of magic 1 with
 * a timestamp. A compressed message holds a whole set of messages as its value.
 *
 *     offset 8 | length 4 | crc 4 | magic 1 | attributes 1 | [timestamp 8] | key length 4, key | value length 4, value
 *
 * The CRC (not the Castagnoli one of batches) is over everything from the magic on. Attributes: bits 0-2 the codec, bit 3
 * set when the broker gave the timestamp.
 */
const OVERHEAD_BYTES = 12;
const MAGIC_AT = 16;
const CODEC_BITS = 0x07;
const LOG_APPEND_TIME = 0x08;
const NO_TIMESTAMP = -1;
const MOST_INNER_BYTES = 100 * 1024 * 1024;

export type OldMagic = 0 | 1;

interface OldMessage {
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/** Whether these bytes hold messages rather than a record batch: the magic is at the same place. */
export function isMessageSet(bytes: Buffer): boolean {
  return bytes.length > MAGIC_AT && bytes[MAGIC_AT]! < 2;
}

/** One record batch with what a message set holds, compressed as it was. Throws CorruptRecordError or CompressionError. */
export function toBatch(messages: Buffer): Buffer {
  let codec: Codec = 'none';
  const found: OldMessage[] = [];
  readMessages(messages, (used) => (codec = used), found);
  if (found.length === 0) throw new CorruptRecordError('the message set holds no message');
  const builder = new BatchBuilder({ compression: codec });
  for (const { timestampMs, key, value } of found) builder.append(timestampMs, key, value);
  const batch = builder.build();
  sealBatch(batch);
  return batch;
}

function readMessages(
  set: Buffer,
  onCodec: (codec: Codec) => void,
  found: OldMessage[],
  isInner = false,
): void {
  let position = 0;
  while (position < set.length) {
    const end = position + OVERHEAD_BYTES + lengthAt(set, position);
    if (end > set.length) throw new CorruptRecordError('a message is cut short');
    const message = set.subarray(position + OVERHEAD_BYTES, end);
    const { codec, ...plain } = readMessage(message);
    if (codec === 'none') found.push(plain);
    else if (isInner || plain.value === null)
      throw new CorruptRecordError('a compressed message holds no message set');
    else {
      onCodec(codec);
      const first = found.length;
      readMessages(decompress(codec, plain.value, MOST_INNER_BYTES), onCodec, found, true);
      // The broker's time is that of the whole set.
      if ((message[5]! & LOG_APPEND_TIME) !== 0)
        for (let i = first; i < found.length; i++)
          found[i] = { ...found[i]!, timestampMs: plain.timestampMs };
    }
    position = end;
  }
}

function lengthAt(set: Buffer, position: number): number {
  if (set.length - position < OVERHEAD_BYTES) throw new CorruptRecordError('a message is cut short');
  const length = set.readInt32BE(position + 8);
  if (length < 14) throw new CorruptRecordError(`a message of ${length} bytes`);
  return length;
}

function readMessage(message: Buffer): OldMessage & { readonly codec: Codec } {
  const magic = message[4]!;
  if (magic > 1) throw new CorruptRecordError(`a message of magic ${magic} in a set of old ones`);
  if (message.readUInt32BE(0) !== crc32(message.subarray(4)))
    throw new CorruptRecordError('a message fails its checksum');
  const codec = CODECS[message[5]! & CODEC_BITS];
  if (codec === undefined || codec === 'zstd')
    throw new CorruptRecordError(`a message of codec ${message[5]! & CODEC_BITS}`);
  let position = 6;
  let timestampMs = NO_TIMESTAMP;
  if (magic === 1) {
    if (message.length < position + 8 + 8) throw new CorruptRecordError('a message is cut short');
    timestampMs = Number(message.readBigInt64BE(position));
    position += 8;
  }
  const field = (): Buffer | null => {
    if (message.length < position + 4) throw new CorruptRecordError('a message is cut short');
    const length = message.readInt32BE(position);
    position += 4;
    if (length < 0) return null;
    if (message.length < position + length) throw new CorruptRecordError('a message is cut short');
    position += length;
    return message.subarray(position - length, position);
  };
  return { codec, timestampMs, key: field(), value: field() };
}

/**
 * The records of batches as messages, uncompressed: headers have no place in them, and control records are not for
 * clients that know no transactions. Records before `fromOffset` are left out.
 */
export function toMessageSet(batches: Buffer, magic: OldMagic, fromOffset: number): Buffer {
  const messages: Buffer[] = [];
  const cursor = new RecordCursor();
  for (const position of walkBatches(batches)) {
    if (batchIsControl(batches, position)) continue;
    const timestampType = batchTimestampType(batches, position) === 'LogAppendTime' ? LOG_APPEND_TIME : 0;
    cursor.reset(batches, position);
    while (cursor.next())
      if (cursor.offset >= fromOffset)
        messages.push(writeMessage(cursor, magic, magic === 1 ? timestampType : 0));
  }
  return Buffer.concat(messages);
}

function writeMessage(cursor: RecordCursor, magic: OldMagic, attributes: number): Buffer {
  const { keyStart, keyLength, valueStart, valueLength } = cursor;
  const timestampBytes = magic === 1 ? 8 : 0;
  const length = 14 + timestampBytes + Math.max(0, keyLength) + Math.max(0, valueLength);
  const message = Buffer.alloc(OVERHEAD_BYTES + length);
  message.writeBigInt64BE(BigInt(cursor.offset), 0);
  message.writeInt32BE(length, 8);
  message[MAGIC_AT] = magic;
  message[MAGIC_AT + 1] = attributes;
  let position = MAGIC_AT + 2;
  if (magic === 1) message.writeBigInt64BE(BigInt(cursor.timestampMs), position);
  position += timestampBytes;
  for (const [start, bytes] of [
    [keyStart, keyLength],
    [valueStart, valueLength],
  ] as const) {
    message.writeInt32BE(bytes, position);
    position += 4;
    if (bytes > 0) position += cursor.bytes.copy(message, position, start, start + bytes);
  }
  message.writeUInt32BE(crc32(message.subarray(MAGIC_AT)), OVERHEAD_BYTES);
  return message;
}
