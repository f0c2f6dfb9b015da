import { Buffer } from 'node:buffer';
import {
  batchBaseOffset,
  batchIsControl,
  batchIsTransactional,
  batchProducerId,
  walkBatches,
} from '../../src/record/batch.ts';
import { BatchBuilder } from '../../src/record/batch-builder.ts';
import { RecordCursor } from '../../src/record/record-cursor.ts';
import type { Isolation, TopicPartition, Topics } from '../../src/topics/topics.ts';

/** An unsealed batch of records without keys. */
export function batchOf(...values: readonly string[]): Buffer {
  const builder = new BatchBuilder();
  for (const value of values) builder.append(1_700_000_000_000, null, Buffer.from(value));
  return builder.build();
}

/** Everything a consumer of this isolation sees in a partition, as values. */
export async function valuesOf(
  topics: Topics,
  partition: TopicPartition,
  isolation: Isolation = 'read_committed',
): Promise<string[]> {
  const values: string[] = [];
  const cursor = new RecordCursor();
  let { logStartOffset: offset } = await topics.offsets(partition);
  for (;;) {
    const chunk = await topics.read(partition, offset, { maxBytes: 100_000, isolation });
    if (chunk.bytes.length === 0) return values;
    const aborted = [...chunk.abortedTransactions].sort((a, b) => a.firstOffset - b.firstOffset);
    const dropping = new Set<number>();
    for (const position of walkBatches(chunk.bytes)) {
      const producerId = batchProducerId(chunk.bytes, position);
      while (aborted[0] !== undefined && aborted[0].firstOffset <= batchBaseOffset(chunk.bytes, position))
        dropping.add(aborted.shift()!.producerId);
      if (batchIsControl(chunk.bytes, position)) dropping.delete(producerId);
      else if (!(batchIsTransactional(chunk.bytes, position) && dropping.has(producerId))) {
        cursor.reset(chunk.bytes, position);
        while (cursor.next()) if (cursor.offset >= offset) values.push(cursor.value()?.toString() ?? 'null');
      }
    }
    offset = chunk.nextOffset;
  }
}
