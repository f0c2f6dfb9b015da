import { partitionOfKey } from '../../engine/murmur2.ts';
import { BatchBuilder } from '../../record/batch-builder.ts';
import type { Topics } from '../../topics/topics.ts';
import type { ProducedRecord } from './test-types.ts';

/** One batch for each partition, records in their order. */
export async function appendRecords(
  topics: Topics,
  topic: string,
  records: readonly ProducedRecord[],
  timestampMs: number,
): Promise<void> {
  const [description] = await topics.describe([topic]);
  if (!description) throw new RangeError(`There is no topic ${topic}.`);
  const builders = new Map<number, BatchBuilder>();
  for (const { key = null, value, headers, partition } of records) {
    const keyBytes = bytesOf(key);
    const at = partition ?? (keyBytes ? partitionOfKey(keyBytes, description.partitionCount) : 0);
    const builder = builders.get(at) ?? new BatchBuilder();
    builders.set(at, builder);
    builder.append(timestampMs, keyBytes, bytesOf(value), headers);
  }
  for (const [partition, builder] of builders)
    await topics.append({ topic, partition, batch: builder.build() });
}

function bytesOf(part: string | Uint8Array | null): Buffer | null {
  if (part === null) return null;
  return typeof part === 'string' ? Buffer.from(part) : Buffer.from(part);
}
