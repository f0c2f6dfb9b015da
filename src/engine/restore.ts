import type { RecordCursor } from '../record/record-cursor.ts';
import { SerdeError } from '../serde/format.ts';
import type { TopicPartition, Topics } from '../topics/topics.ts';
import { CommittedRecords } from './committed-records.ts';
import type { RoundResult } from './operators/sink.ts';
import type { QuerySession } from './query-session.ts';
import type { StartingPoint } from './starting-point.ts';
import type { Topology } from './topology.ts';

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

/** Source tables hold what their topics held up to where the query has read them. */
export async function restoreTables(
  topics: Topics,
  topology: Topology,
  points: readonly StartingPoint[],
): Promise<void> {
  for (const { decoder, table } of topology.sources) {
    if (!table) continue;
    for (const point of points.filter(({ topic }) => topic === decoder.step.topic)) {
      await readCommitted(topics, point, point.logStartOffset, point.offset, (cursor) => {
        try {
          table.restore(decoder.decode(cursor, point.partition));
        } catch (error) {
          // It was skipped, and reported, when it was processed.
          if (!(error instanceof SerdeError)) throw error;
        }
      });
    }
  }
}

/** Tables derived from stores (lookups of joins, the rows for pull queries) follow from these and are not kept. */
export function rebuildDerived(topology: Topology, session: QuerySession): RoundResult {
  session.rebuilding = true;
  for (const { table } of topology.sources) table?.replay();
  for (const { operator } of topology.aggregates) operator.replay();
  const result = topology.outlet.flush();
  session.rebuilding = false;
  return result;
}
