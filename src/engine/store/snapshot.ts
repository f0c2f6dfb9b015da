import { Buffer } from 'node:buffer';
import type { FileHandle, FileSystem } from '../../base/fs.ts';
import {
  BATCH_HEADER_BYTES,
  batchRecordCount,
  batchTotalBytes,
  crcIsValid,
  walkBatches,
} from '../../record/batch.ts';
import { BatchBuilder, sealBatch } from '../../record/batch-builder.ts';
import { CorruptRecordError } from '../../record/corrupt-record-error.ts';
import { crc32c } from '../../record/crc32c.ts';
import { readInt64, writeInt64 } from '../../record/int64.ts';

/*
 * A snapshot file: the last record per key of a part of a changelog, in the order of the keys' bytes.
 *
 *   at  bytes
 *    0   4   "MRSN"
 *    4   4   format version = 2
 *    8  16   id of the changelog topic: a snapshot of an earlier topic of that name is of no use
 *   24   8   from: of the changelog's records from this offset on ...
 *   32   8   to: ... and below this one
 *   40   8   number of records
 *   48   4   CRC-32C of 0 .. 47
 *   52   .   record batches v2, each with its own CRC-32C
 *
 * Numbers are big-endian. Another version is treated as damage: the changelog has everything.
 */
const MAGIC = 0x4d52534e;
const VERSION = 2;
const HEADER_BYTES = 52;
/** What is done at once with a batch takes a fraction of a millisecond. */
const BATCH_BYTES = 64 * 1024;
const READ_BYTES = 1024 * 1024;

export interface SnapshotHeader {
  readonly topicId: string;
  readonly from: number;
  readonly to: number;
  readonly records: number;
}

/** A record of a snapshot; its value is null where the key was deleted. */
export interface StateRecord {
  readonly key: Buffer;
  readonly value: Buffer | null;
  readonly timestampMs: number;
}

/** A batch of records: `at` is where it begins in `bytes`, which belong to whoever gets them. */
export interface SnapshotBatch {
  readonly bytes: Buffer;
  readonly at: number;
}

export type SnapshotRecords = Iterable<readonly StateRecord[]> | AsyncIterable<readonly StateRecord[]>;

/** Replaces the file at `path` atomically; a crash leaves the old one or the new one. Gives the number of records. */
export async function writeSnapshot(
  fs: FileSystem,
  folder: string,
  name: string,
  header: Omit<SnapshotHeader, 'records'>,
  records: SnapshotRecords,
): Promise<number> {
  const temporary = `${folder}/${name}.tmp`;
  await fs.makeDirectory(folder);
  await fs.remove(temporary);
  const file = await fs.open(temporary, { create: true });
  let count = 0;
  try {
    let position = HEADER_BYTES;
    const builder = new BatchBuilder({ maxBytes: BATCH_BYTES });
    const flush = async () => {
      const batch = builder.build();
      sealBatch(batch);
      await file.write([batch], position);
      position += batch.length;
      builder.reset();
    };
    for await (const some of records)
      for (const { key, value, timestampMs } of some) {
        if (builder.append(timestampMs, key, value) < 0) {
          await flush();
          builder.append(timestampMs, key, value);
        }
        count++;
      }
    if (builder.count > 0) await flush();
    await file.write([encodeHeader({ ...header, records: count })], 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await fs.rename(temporary, `${folder}/${name}`);
  await fs.syncDirectory(folder);
  return count;
}

/** The header of a snapshot of the changelog `topicId` that is whole; undefined when there is none. */
export async function checkSnapshot(
  fs: FileSystem,
  path: string,
  topicId: string,
): Promise<SnapshotHeader | undefined> {
  const file = await openIfThere(fs, path);
  if (file === undefined) return undefined;
  try {
    const bytes = Buffer.alloc(HEADER_BYTES);
    const header = (await file.read(bytes, 0)) === HEADER_BYTES ? decodeHeader(bytes) : undefined;
    if (header?.topicId !== topicId) return undefined;
    let records = 0;
    for await (const { bytes: batches, at } of batchesOf(file)) {
      if (!crcIsValid(batches, at)) return undefined;
      records += batchRecordCount(batches, at);
    }
    return records === header.records ? header : undefined;
  } catch (error) {
    if (error instanceof CorruptRecordError) return undefined;
    throw error;
  } finally {
    await file.close();
  }
}

/** The batches of a snapshot that was checked, with pauses in which others have their turn. */
export async function* readSnapshot(fs: FileSystem, path: string): AsyncIterable<SnapshotBatch> {
  const file = await fs.open(path, { create: false });
  try {
    yield* batchesOf(file);
  } finally {
    await file.close();
  }
}

async function* batchesOf(file: FileHandle): AsyncIterable<SnapshotBatch> {
  const sizeBytes = await file.size();
  let readBytes = READ_BYTES;
  for (let position = HEADER_BYTES; position < sizeBytes; ) {
    const bytes = Buffer.allocUnsafeSlow(Math.min(readBytes, sizeBytes - position));
    if ((await file.read(bytes, position)) < bytes.length)
      throw new CorruptRecordError('the snapshot has become shorter');
    let end = 0;
    for (const at of walkBatches(bytes)) {
      yield { bytes, at };
      end = at + batchTotalBytes(bytes, at);
    }
    // What lies over the end of this part begins the next one; one that is longer than a part is read as a whole.
    readBytes = end === 0 && bytes.length >= BATCH_HEADER_BYTES ? batchTotalBytes(bytes, 0) : READ_BYTES;
    if (end === 0 && (readBytes <= bytes.length || position + readBytes > sizeBytes))
      throw new CorruptRecordError(`the batch at byte ${position} is cut`);
    position += end;
  }
}

async function openIfThere(fs: FileSystem, path: string): Promise<FileHandle | undefined> {
  try {
    return await fs.open(path, { create: false });
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    throw error;
  }
}

function encodeHeader({ topicId, from, to, records }: SnapshotHeader): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt32BE(MAGIC, 0);
  bytes.writeUInt32BE(VERSION, 4);
  bytes.write(topicId, 8, 'hex');
  writeInt64(bytes, 24, from);
  writeInt64(bytes, 32, to);
  writeInt64(bytes, 40, records);
  bytes.writeUInt32BE(crc32c(bytes.subarray(0, 48)), 48);
  return bytes;
}

function decodeHeader(bytes: Buffer): SnapshotHeader | undefined {
  if (bytes.readUInt32BE(0) !== MAGIC) return undefined;
  if (bytes.readUInt32BE(48) !== crc32c(bytes.subarray(0, 48)) || bytes.readUInt32BE(4) !== VERSION)
    return undefined;
  return {
    topicId: bytes.toString('hex', 8, 24),
    from: readInt64(bytes, 24),
    to: readInt64(bytes, 32),
    records: readInt64(bytes, 40),
  };
}
