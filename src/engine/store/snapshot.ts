import { Buffer } from 'node:buffer';
import type { FileSystem } from '../../base/fs.ts';
import { BATCH_HEADER_BYTES, batchTotalBytes, checkBatchHeader, crcIsValid } from '../../record/batch.ts';
import { BatchBuilder, sealBatch } from '../../record/batch-builder.ts';
import { crc32c } from '../../record/crc32c.ts';
import { readInt64, writeInt64 } from '../../record/int64.ts';
import { RecordCursor } from '../../record/record-cursor.ts';
import type { StateRecord } from './group-changelog.ts';

/*
 * A snapshot file: the last record per key of a changelog, up to an offset.
 *
 *   at  bytes
 *    0   4   "MRSN"
 *    4   4   format version = 1
 *    8  16   id of the changelog topic: a snapshot of an earlier topic of that name is of no use
 *   24   8   offset: contains the changelog's records below it
 *   32   8   number of records
 *   40   4   CRC-32C of 0 .. 39
 *   44   .   record batches v2, each with its own CRC-32C
 *
 * Numbers are big-endian. Another version is treated as damage: the changelog has everything.
 */
const MAGIC = 0x4d52534e;
const VERSION = 1;
const HEADER_BYTES = 44;
const BATCH_BYTES = 512 * 1024;

export interface SnapshotHeader {
  readonly topicId: string;
  readonly offset: number;
  readonly records: number;
}

/** Replaces the file at `path` atomically; a crash leaves the old one or the new one. */
export async function writeSnapshot(
  fs: FileSystem,
  folder: string,
  name: string,
  header: Omit<SnapshotHeader, 'records'>,
  records: Iterable<StateRecord>,
): Promise<void> {
  const temporary = `${folder}/${name}.tmp`;
  await fs.makeDirectory(folder);
  await fs.remove(temporary);
  const file = await fs.open(temporary, { create: true });
  try {
    let position = HEADER_BYTES;
    let count = 0;
    const builder = new BatchBuilder({ maxBytes: BATCH_BYTES });
    const flush = async () => {
      const batch = builder.build();
      sealBatch(batch);
      await file.write([batch], position);
      position += batch.length;
      builder.reset();
    };
    for (const { key, value, timestampMs } of records) {
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
}

/**
 * Visits every record of a snapshot of the changelog `topicId` and gives the offset at which the changelog goes on;
 * undefined, without a visit, when there is none that is whole.
 */
export async function readSnapshot(
  fs: FileSystem,
  path: string,
  topicId: string,
  visit: (cursor: RecordCursor) => void,
): Promise<number | undefined> {
  const bytes = await readFile(fs, path);
  const header = bytes && decodeHeader(bytes);
  if (!bytes || header?.topicId !== topicId) return undefined;
  const batches = wholeBatches(bytes);
  if (!batches) return undefined;
  const cursor = new RecordCursor();
  let records = 0;
  for (const pass of ['count', 'visit'] as const) {
    for (const at of batches) {
      cursor.reset(bytes, at);
      while (cursor.next()) {
        if (pass === 'count') records++;
        else visit(cursor);
      }
    }
    if (records !== header.records) return undefined;
  }
  return header.offset;
}

async function readFile(fs: FileSystem, path: string): Promise<Buffer | undefined> {
  let file: Awaited<ReturnType<FileSystem['open']>>;
  try {
    file = await fs.open(path, { create: false });
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const bytes = Buffer.allocUnsafeSlow(await file.size());
    return (await file.read(bytes, 0)) === bytes.length ? bytes : undefined;
  } finally {
    await file.close();
  }
}

/** Positions of all batches, or undefined when one is damaged or cut. */
function wholeBatches(bytes: Buffer): number[] | undefined {
  const positions: number[] = [];
  for (let at = HEADER_BYTES; at < bytes.length; at += batchTotalBytes(bytes, at)) {
    if (bytes.length - at < BATCH_HEADER_BYTES || checkBatchHeader(bytes, at) !== undefined) return undefined;
    if (at + batchTotalBytes(bytes, at) > bytes.length || !crcIsValid(bytes, at)) return undefined;
    positions.push(at);
  }
  return positions;
}

function encodeHeader({ topicId, offset, records }: SnapshotHeader): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt32BE(MAGIC, 0);
  bytes.writeUInt32BE(VERSION, 4);
  bytes.write(topicId, 8, 'hex');
  writeInt64(bytes, 24, offset);
  writeInt64(bytes, 32, records);
  bytes.writeUInt32BE(crc32c(bytes.subarray(0, 40)), 40);
  return bytes;
}

function decodeHeader(bytes: Buffer): SnapshotHeader | undefined {
  if (bytes.length < HEADER_BYTES || bytes.readUInt32BE(0) !== MAGIC) return undefined;
  if (bytes.readUInt32BE(40) !== crc32c(bytes.subarray(0, 40)) || bytes.readUInt32BE(4) !== VERSION)
    return undefined;
  return {
    topicId: bytes.toString('hex', 8, 24),
    offset: readInt64(bytes, 24),
    records: readInt64(bytes, 32),
  };
}
