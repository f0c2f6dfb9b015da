import { nextTurn } from '../base/async.ts';
import type { RecordCursor } from '../record/record-cursor.ts';
import { SerdeError } from '../serde/format.ts';
import type { Schemas } from '../serde/schemas.ts';
import { inputsOf, type SinkStep, type Step } from '../sql/plan.ts';
import type { Topics } from '../topics/topics.ts';
import type { RoundResult } from './operators/outlet.ts';
import { SourceDecoder } from './operators/source.ts';
import type { TableSink } from './operators/table-sink.ts';
import type { QuerySession } from './query-session.ts';
import { readCommitted } from './read-committed.ts';
import { SchemaGate } from './schema-gate.ts';
import type { StartingPoint } from './starting-point.ts';
import type { StateSpace } from './store/state-space.ts';
import type { SourceNode, Topology } from './topology.ts';

export interface TableRestore {
  readonly topics: Topics;
  readonly points: readonly StartingPoint[];
  readonly state: StateSpace;
  readonly schemas: Schemas;
}

/** Source tables hold what their topics held up to where the query has read them. */
export async function restoreTables(
  sources: readonly SourceNode[],
  { topics, points, state, schemas }: TableRestore,
  isStopped: () => boolean = () => false,
): Promise<void> {
  for (const { step, table } of sources) {
    if (!table) continue;
    const gate = SchemaGate.of([step], schemas);
    // What has to be waited for cannot be read later, when it is asked for.
    const isPacked = table.isPacked && gate === undefined;
    for (const point of points.filter(({ topic }) => topic === step.topic)) {
      const restore = (cursor: RecordCursor) => {
        try {
          if (isPacked) table.source.restoreRecord(cursor, point.partition);
          else table.source.restore(table.decoder.decode(cursor, point.partition));
        } catch (error) {
          // It was skipped, and reported, when it was processed.
          if (!(error instanceof SerdeError)) throw error;
        }
        state.trim();
      };
      await readCommitted(
        topics,
        point,
        point.logStartOffset,
        point.offset,
        (cursor) => gate?.fetch(cursor)?.then(() => restore(cursor)) ?? restore(cursor),
        isStopped,
      );
    }
  }
}

/**
 * Of a query's sources, tables that rows of streams are joined to and nothing else. No table is derived from them, so they
 * need not be there before the query's own table is shown.
 */
export function lookedUpTables({ sources }: Topology, root: Step): ReadonlySet<SourceNode> {
  const steps = new Set(joinedTables(root));
  return new Set(sources.filter(({ step }) => steps.has(step)));
}

function joinedTables(step: Step): Step[] {
  const joined = inputsOf(step).flatMap(joinedTables);
  if (step.step !== 'streamTableJoinV1') return joined;
  let table: Step = step.right;
  while (table.step === 'filterV1' || table.step === 'projectV1') table = table.input;
  return [...joined, table];
}

/** Between two pauses in which others have their turn. */
const REBUILT_AT_ONCE = 1024;

/**
 * Tables derived from stores (lookups of joins, the rows for pull queries) follow from these and are not kept. In parts,
 * so that no more of them than fits has to be in memory at a time.
 */
export async function rebuildDerived(
  topology: Topology,
  session: QuerySession,
  state: StateSpace,
): Promise<RoundResult> {
  session.rebuilding = true;
  let rebuilt = 0;
  for (const _ of replays(topology)) {
    if (++rebuilt % REBUILT_AT_ONCE !== 0) continue;
    topology.outlet.flush().show();
    state.trim();
    await nextTurn();
  }
  const result = topology.outlet.flush();
  session.rebuilding = false;
  return result;
}

/**
 * A row of a join has the time of the change that made it, perhaps the end of a row on one side, of which nothing is left:
 * only its record knows. One that has its time from a column does not know either.
 */
export async function restoreTimes(
  topics: Topics,
  sink: SinkStep,
  outlet: TableSink,
  state: StateSpace,
  schemas: Schemas,
): Promise<void> {
  if (!isJoined(sink) || sink.timestamp) return;
  const source = { ...sink, step: 'sourceV1', source: sink.sink, used: [], pseudo: [] } as const;
  const decoder = new SourceDecoder(source, schemas);
  const gate = SchemaGate.of([source], schemas);
  const [description] = await topics.describe([sink.topic]);
  for (let partition = 0; partition < (description?.partitionCount ?? 0); partition++) {
    const at = { topic: sink.topic, partition };
    const { logStartOffset, lastStableOffset } = await topics.offsets(at);
    const restore = (cursor: RecordCursor) => {
      try {
        const { key, row, timestampMs } = decoder.decode(cursor, partition);
        if (row !== null) outlet.setTime(key, timestampMs);
      } catch (error) {
        // Not of this query.
        if (!(error instanceof SerdeError)) throw error;
      }
      state.trim();
    };
    await readCommitted(
      topics,
      at,
      logStartOffset,
      lastStableOffset,
      (cursor) => gate?.fetch(cursor)?.then(() => restore(cursor)) ?? restore(cursor),
    );
  }
}

/** Whether rows come from a join of tables with nothing in between that has times of its own. */
function isJoined(step: Step): boolean {
  switch (step.step) {
    case 'tableTableJoinV1':
    case 'foreignKeyJoinV1':
      return true;
    case 'sinkV1':
    case 'projectV1':
    case 'filterV1':
      return isJoined(step.input);
    default:
      return false;
  }
}

function* replays({ sources, states }: Topology): Iterable<void> {
  for (const { table } of sources) if (table) yield* table.source.replay();
  for (const { operator } of states) yield* operator.replay();
}
