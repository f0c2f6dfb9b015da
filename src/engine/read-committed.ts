import type { RecordCursor } from '../record/record-cursor.ts';
import type { TopicPartition, Topics } from '../topics/topics.ts';
import { CommittedRecords } from './committed-records.ts';

const READ_BYTES = 1024 * 1024;

/** Every committed record of a partition between two offsets, in order. */
export async function readCommitted(
  topics: Topics,
  partition: TopicPartition,
  from: number,
  to: number,
  visit: (cursor: RecordCursor) => void,
): Promise<void> {
  const records = new CommittedRecords();
  let offset = from;
  while (offset < to) {
    const chunk = await topics.read(partition, offset, { maxBytes: READ_BYTES, isolation: 'read_committed' });
    if (chunk.nextOffset <= offset) return;
    records.load(chunk, offset);
    while (records.next() && records.cursor.offset < to) visit(records.cursor);
    offset = chunk.nextOffset;
  }
}
