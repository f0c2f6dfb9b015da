import { Buffer } from 'node:buffer';
import type { FileSystem } from '../base/fs.ts';
import { silentLogger } from '../base/logger.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { walkBatches } from '../record/batch.ts';
import { BatchBuilder, type Seal, sealBatch } from '../record/batch-builder.ts';
import { RecordCursor } from '../record/record-cursor.ts';
import type { LogConfig } from './log-config.ts';
import { LogStore, type LogStoreOptions } from './log-store.ts';
import type { PartitionLog } from './partition-log.ts';

export const START_MS = Date.UTC(2024, 0, 1);

export interface BatchShape {
  readonly values: readonly string[];
  /** Of each record; the last one counts for the rest. */
  readonly timestampsMs?: readonly number[];
  readonly seal?: Seal;
}

/** A sealed batch as a client would send it. */
export function clientBatch(shape: BatchShape | string): Buffer {
  const { values, timestampsMs, seal } = typeof shape === 'string' ? { values: [shape] } : shape;
  const builder = new BatchBuilder();
  for (const [i, value] of values.entries()) {
    builder.append(timestampsMs?.[i] ?? timestampsMs?.at(-1) ?? START_MS, null, Buffer.from(value));
  }
  const batch = builder.build();
  sealBatch(batch, seal ?? {});
  return batch;
}

export interface ReadRecord {
  readonly offset: number;
  readonly value: string;
}

/** The records of whole batches; control records are named `(control)`. */
export function recordsIn(bytes: Buffer): ReadRecord[] {
  const records: ReadRecord[] = [];
  const cursor = new RecordCursor();
  for (const at of walkBatches(bytes)) {
    cursor.reset(bytes, at);
    const isControl = (bytes.readInt16BE(at + 21) & 0x20) !== 0;
    while (cursor.next()) {
      records.push({
        offset: cursor.offset,
        value: isControl ? '(control)' : (cursor.value()?.toString() ?? ''),
      });
    }
  }
  return records;
}

/** Every value a read_uncommitted reader sees, in order, each read starting where the one before ended. */
export async function readAll(log: PartitionLog, maxBytes = 1024): Promise<ReadRecord[]> {
  const records: ReadRecord[] = [];
  let offset = log.logStartOffset;
  for (;;) {
    const read = await log.read(offset, { maxBytes, isolation: 'read_uncommitted' });
    if (read.bytes.length === 0) return records;
    records.push(...recordsIn(read.bytes).filter((record) => record.offset >= offset));
    offset = read.nextOffset;
  }
}

export async function valuesOf(log: PartitionLog): Promise<string[]> {
  return (await readAll(log)).map((record) => record.value);
}

export interface TestStore {
  readonly store: LogStore;
  readonly clock: VirtualClock;
  readonly config: LogConfig;
  /** Partition 0 of topic `t`. */
  log(): Promise<PartitionLog>;
}

export async function openStore(
  fs: FileSystem,
  options: Partial<LogStoreOptions> & { readonly config?: Partial<LogConfig> } = {},
): Promise<TestStore> {
  const clock = new VirtualClock(START_MS);
  const store = await LogStore.open({
    fs,
    root: '/data',
    clock,
    logger: silentLogger,
    leaderEpoch: 1,
    wasCleanStop: false,
    ...options,
  });
  const config = store.config({ timestampAfterMaxMs: Number.POSITIVE_INFINITY, ...options.config });
  return { store, clock, config, log: () => store.partition('t', 0, config) };
}
