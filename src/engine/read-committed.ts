import { nextTurn } from '../base/async.ts';
import type { RecordCursor } from '../record/record-cursor.ts';
import type { TopicPartition, Topics } from '../topics/topics.ts';
import { CommittedRecords } from './committed-records.ts';

const READ_BYTES = 1024 * 1024;
/** Others in the thread have their turn after so many. */
const RECORDS_AT_ONCE = 1024;

/**
 * Every committed record of a partition between two offsets, in order. Gives the offset up to which it has come: `to`,
 * or earlier when `isEnough` says so after a part. A promise that a visitor
 * gives is waited for, with the cursor where it is.
 */
export async function readCommitted(
  topics: Topics,
  partition: TopicPartition,
  from: number,
  to: number,
  visit: (cursor: RecordCursor) => unknown,
  isEnough: () => boolean = () => false,
): Promise<number> {
  const records = new CommittedRecords();
  let offset = from;
  let count = 0;
  while (offset < to) {
    const chunk = await topics.read(partition, offset, { maxBytes: READ_BYTES, isolation: 'read_committed' });
    if (chunk.nextOffset <= offset) return to;
    records.load(chunk, offset);
    while (records.next() && records.cursor.offset < to) {
      const visited = visit(records.cursor);
      if (visited instanceof Promise) await visited;
      if (++count % RECORDS_AT_ONCE === 0) await nextTurn();
    }
    offset = chunk.nextOffset;
    if (isEnough()) return Math.min(offset, to);
  }
  return to;
}
