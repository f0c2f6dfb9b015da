import { crc32c as nativeCrc32c } from '@node-rs/crc32';

/** CRC-32C (Castagnoli) of buffer[start, end), without copying; the check value of "123456789" is e3069283. */
export function crc32c(buffer: Buffer, start = 0, end = buffer.length): number {
  return nativeCrc32c(start === 0 && end === buffer.length ? buffer : buffer.subarray(start, end));
}
