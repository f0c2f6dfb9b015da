import { CorruptRecordError } from './corrupt-record-error.ts';

const TWO_32 = 2 ** 32;

/**
 * A big-endian int64 that must be a safe integer: offsets and producer ids, which count up from 0 and
 * never get near 2^53. BigInt would cost 6-7 times as much.
 */
export function readInt64(buffer: Buffer, position: number): number {
  const value = buffer.readInt32BE(position) * TWO_32 + buffer.readUInt32BE(position + 4);
  if (!Number.isSafeInteger(value)) throw new CorruptRecordError(`int64 beyond 2^53 at byte ${position}`);
  return value;
}

/**
 * A big-endian int64 that may legally be any value: timestamps. Beyond +-(2^53 - 1) it saturates there, which
 * keeps the order of timestamps; whoever must tell such values apart reads the bytes with readBigInt64BE.
 */
export function readInt64Saturated(buffer: Buffer, position: number): number {
  return saturated(buffer.readInt32BE(position) * TWO_32 + buffer.readUInt32BE(position + 4));
}

export function writeInt64(buffer: Buffer, position: number, value: number): void {
  const high = Math.floor(value / TWO_32);
  buffer.writeInt32BE(high, position);
  buffer.writeUInt32BE(value - high * TWO_32, position + 4);
}

export function saturated(value: number): number {
  if (value > Number.MAX_SAFE_INTEGER) return Number.MAX_SAFE_INTEGER;
  if (value < Number.MIN_SAFE_INTEGER) return Number.MIN_SAFE_INTEGER;
  return value;
}
