import { Buffer } from 'node:buffer';
import {
  batchIsControl,
  batchIsTransactional,
  batchLastOffset,
  batchProducerId,
  walkBatches,
} from '../../record/batch.ts';
import { BatchBuilder, type Seal, sealBatch } from '../../record/batch-builder.ts';
import type { Codec } from '../../record/compression.ts';
import { readControlBatch } from '../../record/control-record.ts';
import { RecordCursor } from '../../record/record-cursor.ts';
import type { LogConfig } from '../log-config.ts';
import { START_MS } from '../log-fixture.ts';
import type { Isolation } from '../log-types.ts';
import type { PartitionLog } from '../partition-log.ts';

/** Compacts whatever is sealed, in segments of a few batches. */
export const COMPACTED: Partial<LogConfig> = {
  cleanupPolicy: new Set(['compact']),
  segmentBytes: 600,
  indexIntervalBytes: 100,
  minCleanableDirtyRatio: 0,
  deleteRetentionMs: 1000,
};

export interface KeyedRecord {
  readonly key: string;
  /** null: a tombstone. */
  readonly value: string | null;
  readonly timestampMs?: number;
}

/** A sealed batch as a client would send it. */
export function keyedBatch(
  records: readonly KeyedRecord[],
  seal: Seal = {},
  compression: Codec = 'none',
): Buffer {
  const builder = new BatchBuilder({ compression });
  for (const { key, value, timestampMs } of records) {
    builder.append(timestampMs ?? START_MS, Buffer.from(key), value === null ? null : Buffer.from(value));
  }
  const batch = builder.build();
  sealBatch(batch, seal);
  return batch;
}

export interface SeenRecord {
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: string;
  readonly value: string | null;
}

/** The data records a client sees from `offset` on, each read starting where the one before ended. */
export async function seenBy(log: PartitionLog, isolation: Isolation, maxBytes = 500): Promise<SeenRecord[]> {
  const seen: SeenRecord[] = [];
  const cursor = new RecordCursor();
  let offset = log.logStartOffset;
  for (;;) {
    const read = await log.read(offset, { maxBytes, isolation });
    const ahead = read.abortedTransactions.toSorted((a, b) => a.firstOffset - b.firstOffset);
    const aborting = new Set<number>();
    for (const at of walkBatches(read.bytes)) {
      const producerId = batchProducerId(read.bytes, at);
      while (ahead.length > 0 && ahead[0]!.firstOffset <= batchLastOffset(read.bytes, at)) {
        aborting.add(ahead.shift()!.producerId);
      }
      if (batchIsControl(read.bytes, at)) {
        if (readControlBatch(read.bytes, at)?.outcome === 'abort') aborting.delete(producerId);
        continue;
      }
      if (batchIsTransactional(read.bytes, at) && aborting.has(producerId)) continue;
      cursor.reset(read.bytes, at);
      while (cursor.next()) {
        if (cursor.offset < offset) continue;
        const value = cursor.value()?.toString() ?? null;
        seen.push({ offset: cursor.offset, timestampMs: cursor.timestampMs, key: `${cursor.key()}`, value });
      }
    }
    if (read.nextOffset === offset) return seen;
    offset = read.nextOffset;
  }
}
