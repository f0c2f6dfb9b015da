import { SerdeError } from '../serde/format.ts';
import type { Topics } from '../topics/topics.ts';
import type { RoundResult } from './operators/outlet.ts';
import type { QuerySession } from './query-session.ts';
import { readCommitted } from './read-committed.ts';
import type { StartingPoint } from './starting-point.ts';
import type { Topology } from './topology.ts';

/** Source tables hold what their topics held up to where the query has read them. */
export async function restoreTables(
  topics: Topics,
  topology: Topology,
  points: readonly StartingPoint[],
): Promise<void> {
  for (const { step, table } of topology.sources) {
    if (!table) continue;
    for (const point of points.filter(({ topic }) => topic === step.topic)) {
      await readCommitted(topics, point, point.logStartOffset, point.offset, (cursor) => {
        try {
          table.source.restore(table.decoder.decode(cursor, point.partition));
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
  for (const { table } of topology.sources) table?.source.replay();
  for (const { operator } of topology.aggregates) operator.replay();
  const result = topology.outlet.flush();
  session.rebuilding = false;
  return result;
}
