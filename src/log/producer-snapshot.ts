import { Buffer } from 'node:buffer';
import { crc32c } from '../record/crc32c.ts';
import { readInt64, readInt64Saturated, writeInt64 } from '../record/int64.ts';
import {
  type AppendedBatch,
  advanceSequence,
  type ProducerEntry,
  REMEMBERED_BATCHES,
} from './producer-state.ts';

/**
 * `<20-digit offset>.snapshot`: the producers as they were before that offset. All integers big-endian.
 *
 *   offset  bytes  field                          offset  bytes  field of an entry (46 bytes)
 *   0       2      version = 1                    0       8      producer id
 *   2       4      crc32c of 6..end               8       2      producer epoch
 *   6       4      number of entries              10      4      last sequence, -1 without batches
 *   10      46 n   entries                        14      8      last offset, -1 without batches
 *   ...            earlier batches                22      4      last sequence - first sequence
 *                                                 26      8      timestamp
 *                                                 34      4      coordinator epoch
 *                                                 38      8      first offset of the open transaction or -1
 *
 * Up to the end of the entries this is Kafka's own schema, version 1, which remembers one batch. Kafka ignores
 * what follows: for each entry, in order, the number of earlier batches (1 byte) and, oldest first, for each
 * its last sequence (4), sequence difference (4), last offset (8) and timestamp (8). With them a retry of any
 * batch in flight is still recognised after a restart.
 */
const VERSION = 1;
const HEADER_BYTES = 10;
const CRC_START = 6;
const ENTRY_BYTES = 46;
const EARLIER_BYTES = 24;

export function encodeProducerSnapshot(entries: readonly ProducerEntry[]): Buffer {
  const earlier = entries.reduce(
    (sum, entry) => sum + 1 + Math.max(0, entry.batches.length - 1) * EARLIER_BYTES,
    0,
  );
  const bytes = Buffer.alloc(HEADER_BYTES + entries.length * ENTRY_BYTES + earlier);
  bytes.writeInt16BE(VERSION, 0);
  bytes.writeInt32BE(entries.length, 6);
  let at = HEADER_BYTES;
  for (const entry of entries) {
    const last = entry.batches.at(-1);
    writeInt64(bytes, at, entry.producerId);
    bytes.writeInt16BE(entry.epoch, at + 8);
    bytes.writeInt32BE(last?.lastSequence ?? -1, at + 10);
    writeInt64(bytes, at + 14, last?.lastOffset ?? -1);
    bytes.writeInt32BE(last === undefined ? 0 : last.lastOffset - last.baseOffset, at + 22);
    writeInt64(bytes, at + 26, entry.lastTimestampMs);
    bytes.writeInt32BE(entry.coordinatorEpoch, at + 34);
    writeInt64(bytes, at + 38, entry.transactionFirstOffset);
    at += ENTRY_BYTES;
  }
  for (const entry of entries) {
    const batches = entry.batches.slice(0, -1);
    bytes.writeUInt8(batches.length, at++);
    for (const batch of batches) {
      bytes.writeInt32BE(batch.lastSequence, at);
      bytes.writeInt32BE(batch.lastOffset - batch.baseOffset, at + 4);
      writeInt64(bytes, at + 8, batch.lastOffset);
      writeInt64(bytes, at + 16, batch.timestampMs);
      at += EARLIER_BYTES;
    }
  }
  bytes.writeUInt32BE(crc32c(bytes, CRC_START), 2);
  return bytes;
}

/** Undefined when the bytes are not a whole, undamaged snapshot; the caller then scans from an earlier one. */
export function decodeProducerSnapshot(bytes: Buffer, nowMs: number): ProducerEntry[] | undefined {
  if (bytes.length < HEADER_BYTES || bytes.readInt16BE(0) !== VERSION) return undefined;
  if (bytes.readUInt32BE(2) !== crc32c(bytes, CRC_START)) return undefined;
  const entries: ProducerEntry[] = [];
  const count = bytes.readInt32BE(6);
  let at = HEADER_BYTES;
  for (let i = 0; i < count; i++, at += ENTRY_BYTES) {
    const lastSequence = bytes.readInt32BE(at + 10);
    const lastTimestampMs = readInt64Saturated(bytes, at + 26);
    const last = appendedBatch(
      lastSequence,
      bytes.readInt32BE(at + 22),
      readInt64(bytes, at + 14),
      lastTimestampMs,
    );
    entries.push({
      producerId: readInt64(bytes, at),
      epoch: bytes.readInt16BE(at + 8),
      batches: lastSequence < 0 ? [] : [last],
      lastTimestampMs,
      lastSeenMs: nowMs,
      coordinatorEpoch: bytes.readInt32BE(at + 34),
      transactionFirstOffset: readInt64(bytes, at + 38),
    });
  }
  // A snapshot written by Kafka ends here.
  for (const entry of at < bytes.length ? entries : []) {
    const earlier: AppendedBatch[] = [];
    const batchCount = Math.min(bytes.readUInt8(at++), REMEMBERED_BATCHES - 1);
    for (let i = 0; i < batchCount; i++, at += EARLIER_BYTES) {
      const lastOffset = readInt64(bytes, at + 8);
      const timestampMs = readInt64Saturated(bytes, at + 16);
      earlier.push(appendedBatch(bytes.readInt32BE(at), bytes.readInt32BE(at + 4), lastOffset, timestampMs));
    }
    entry.batches.unshift(...earlier);
  }
  return entries;
}

function appendedBatch(
  lastSequence: number,
  offsetDelta: number,
  lastOffset: number,
  timestampMs: number,
): AppendedBatch {
  return {
    firstSequence: advanceSequence(lastSequence, 2 ** 31 - offsetDelta),
    lastSequence,
    baseOffset: lastOffset - offsetDelta,
    lastOffset,
    timestampMs,
  };
}
