import type { Buffer } from 'node:buffer';
import { batchBaseOffset, crcIsValid } from './batch.ts';
import { CorruptRecordError } from './corrupt-record-error.ts';

/**
 * Throws when the whole batch at `position` is not what was once appended. The log checks what comes in and hands out
 * bytes as they lie on the disk: who takes records out of them for good asks here first, as Kafka's consumers do
 * (`check.crcs`).
 */
export function assertIntact(buffer: Buffer, position: number): void {
  if (crcIsValid(buffer, position)) return;
  const offset = batchBaseOffset(buffer, position);
  throw new CorruptRecordError(
    `the record batch of offset ${offset} does not match its checksum: the disk has changed it. Restore the partition's folder from a copy`,
  );
}
