import { readCommitted } from '../engine/read-committed.ts';
import { BatchBuilder } from '../record/batch-builder.ts';
import type { Topics } from '../topics/topics.ts';

export interface TextRecord {
  readonly key: string | null;
  readonly value: string | null;
  readonly timestampMs: number;
  readonly partition: number;
}

/** Appends JSON values (null: a tombstone) as one batch. */
export async function produce(
  topics: Topics,
  topic: string,
  partition: number,
  records: readonly {
    readonly key?: string | null;
    readonly value: unknown;
    readonly timestampMs?: number;
  }[],
): Promise<void> {
  if (records.length === 0) return;
  const builder = new BatchBuilder();
  for (const { key, value, timestampMs } of records)
    builder.append(
      timestampMs ?? 0,
      key === undefined || key === null ? null : Buffer.from(key),
      value === null ? null : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
    );
  await topics.append({ topic, partition, batch: builder.build() });
}

/** What a read_committed consumer sees, partition by partition. */
export async function consume(topics: Topics, topic: string): Promise<TextRecord[]> {
  const [description] = await topics.describe([topic]);
  const seen: TextRecord[] = [];
  for (let partition = 0; partition < (description?.partitionCount ?? 0); partition++) {
    const { logStartOffset, lastStableOffset } = await topics.offsets({ topic, partition });
    await readCommitted(topics, { topic, partition }, logStartOffset, lastStableOffset, (cursor) =>
      seen.push({
        key: cursor.key()?.toString() ?? null,
        value: cursor.value()?.toString() ?? null,
        timestampMs: cursor.timestampMs,
        partition,
      }),
    );
  }
  return seen;
}

/** The last value per key, tombstones removed. */
export function tableOf(records: readonly TextRecord[]): Map<string | null, string> {
  const table = new Map<string | null, string>();
  for (const { key, value } of records) {
    if (value === null) table.delete(key);
    else table.set(key, value);
  }
  return table;
}
