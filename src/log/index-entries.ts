import { Buffer } from 'node:buffer';
import { readInt64, readInt64Saturated, writeInt64 } from '../record/int64.ts';
import type { CompletedTransaction } from './producer-state.ts';

/*
 * Kafka's index files; big-endian, no header, no checksum. Offsets are relative to the segment's base offset.
 *
 *   .index      0  4  last offset of a batch         .txnindex   0  2  version = 0
 *               4  4  position where it begins                   2  8  producer id
 *                                                               10  8  first offset of the aborted transaction
 *   .timeindex  0  8  largest timestamp so far                  18  8  offset of its marker
 *               8  4  last offset of its batch                  26  8  last stable offset once it was complete
 */
export const OFFSET_ENTRY_BYTES = 8;
export const TIME_ENTRY_BYTES = 12;
export const ABORTED_ENTRY_BYTES = 34;
const ABORTED_VERSION = 0;

export interface OffsetEntry {
  readonly relativeOffset: number;
  readonly position: number;
}

export function encodeOffsetEntry(entry: OffsetEntry): Buffer {
  const bytes = Buffer.alloc(OFFSET_ENTRY_BYTES);
  bytes.writeInt32BE(entry.relativeOffset, 0);
  bytes.writeInt32BE(entry.position, 4);
  return bytes;
}

export function decodeOffsetEntry(bytes: Buffer, at: number): OffsetEntry {
  return { relativeOffset: bytes.readInt32BE(at), position: bytes.readInt32BE(at + 4) };
}

export interface TimeEntry {
  readonly timestampMs: number;
  readonly relativeOffset: number;
}

export function encodeTimeEntry(entry: TimeEntry): Buffer {
  const bytes = Buffer.alloc(TIME_ENTRY_BYTES);
  writeInt64(bytes, 0, entry.timestampMs);
  bytes.writeInt32BE(entry.relativeOffset, 8);
  return bytes;
}

export function decodeTimeEntry(bytes: Buffer, at: number): TimeEntry {
  return { timestampMs: readInt64Saturated(bytes, at), relativeOffset: bytes.readInt32BE(at + 8) };
}

export type AbortedEntry = Omit<CompletedTransaction, 'aborted'>;

export function encodeAbortedEntry(entry: AbortedEntry): Buffer {
  const bytes = Buffer.alloc(ABORTED_ENTRY_BYTES);
  bytes.writeInt16BE(ABORTED_VERSION, 0);
  writeInt64(bytes, 2, entry.producerId);
  writeInt64(bytes, 10, entry.firstOffset);
  writeInt64(bytes, 18, entry.lastOffset);
  writeInt64(bytes, 26, entry.lastStableOffset);
  return bytes;
}

export function decodeAbortedEntry(bytes: Buffer, at: number): AbortedEntry {
  return {
    producerId: readInt64(bytes, at + 2),
    firstOffset: readInt64(bytes, at + 10),
    lastOffset: readInt64(bytes, at + 18),
    lastStableOffset: readInt64(bytes, at + 26),
  };
}
