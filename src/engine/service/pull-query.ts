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
  const limit = planned.limit ?? Number.POSITIVE_INFINITY;
  const keep = planned.predicate ? compilePredicate(planned.predicate, ignoreError) : () => true;
  const matched: StoredRow[] = [];
  for (const stored of planned.keys ? lookUp(planned.keys, table) : table.scan()) {
    if (matched.length >= limit) break;
    if (keep(withRowtime(stored))) matched.push(stored);
  }
  return matched;
}

/** A key named twice is answered once: `IN ('a', 'a')`. */
function* lookUp(keys: readonly Row[], table: MaterializedTable): Iterable<StoredRow> {
  const found = new Set<Row>();
  for (const key of keys) {
    const stored = table.get(key);
    if (!stored || found.has(stored.row)) continue;
    found.add(stored.row);
    yield stored;
  }
}

/** Expressions of a pull query see ROWTIME after the table's columns. */
function withRowtime(stored: StoredRow): Row {
  return [...stored.row, stored.timestampMs];
}

// An expression that fails is null for that row (ksqlDB); there is no record to blame in the processing log.
function ignoreError(): void {}
