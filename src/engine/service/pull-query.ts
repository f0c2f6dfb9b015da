import { identityOf } from '../../data/compare.ts';
import type { Row } from '../../data/schema.ts';
import { compilePredicate, compileProjection } from '../../sql/compile.ts';
import type { PlannedOf, ResultColumn } from '../../sql/planned.ts';
import type { MaterializedTable, StoredRow } from '../running-query.ts';
import type { Ending, ResultRow, RowStream } from './row-stream.ts';

const BATCH_ROWS = 1_000;

/**
 * A pull query's answer: which rows match is decided at one instant, so the answer never mixes two commits;
 * the projection runs while the reader takes them.
 */
export class PullRows implements RowStream {
  readonly kind = 'pull';
  readonly queryId: string;
  readonly columns: readonly ResultColumn[];
  readonly ending: Ending = 'complete';
  readonly #project: (row: Row) => Row;
  #matched: readonly StoredRow[];
  #at = 0;

  constructor(queryId: string, planned: PlannedOf<'pull'>, table: MaterializedTable) {
    this.queryId = queryId;
    this.columns = planned.columns;
    this.#project = compileProjection(planned.projection, ignoreError);
    this.#matched = match(planned, table);
  }

  async next(): Promise<readonly ResultRow[] | undefined> {
    if (this.#at >= this.#matched.length) return undefined;
    const batch = this.#matched.slice(this.#at, this.#at + BATCH_ROWS);
    this.#at += batch.length;
    return batch.map((stored) => ({ values: this.#project(withRowtime(stored)), tombstone: false }));
  }

  close(): void {
    this.#matched = [];
  }
}

function match(planned: PlannedOf<'pull'>, table: MaterializedTable): StoredRow[] {
  const { keys, limit, predicate } = planned;
  const matches = predicate ? compilePredicate(predicate, ignoreError) : () => true;
  const keep = (stored: StoredRow) => matches(withRowtime(stored));
  // Which rows a LIMIT leaves is then the same each time, and the same as in ksqlDB, whose stores have this order.
  if (!keys && limit !== undefined) return table.first(limit, keep);
  return [...(keys ? lookUp(keys, table) : table.scan())].filter(keep).slice(0, limit);
}

/** A key named twice is answered once: `IN ('a', 'a')`. */
function* lookUp(keys: readonly Row[], table: MaterializedTable): Iterable<StoredRow> {
  const asked = new Set<unknown>();
  for (const key of keys) {
    const identity = identityOf(key);
    if (asked.has(identity)) continue;
    asked.add(identity);
    const stored = table.get(key);
    if (stored) yield stored;
  }
}

/** Expressions of a pull query see ROWTIME after the table's columns. */
function withRowtime(stored: StoredRow): Row {
  return [...stored.row, stored.timestampMs];
}

// An expression that fails is null for that row (ksqlDB); there is no record to blame in the processing log.
function ignoreError(): void {}
