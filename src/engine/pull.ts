import { identityOf } from '../data/compare.ts';
import type { Row } from '../data/schema.ts';
import { compilePredicate, compileProjection, SYSTEM_EFFECTS } from '../sql/compile.ts';
import type { PlannedOf, PullShape } from '../sql/planned.ts';
import { approximateRowBytes } from './row-size.ts';
import type { MaterializedTable, PulledRows, StoredRow } from './running-query.ts';

/** Whichever comes first. */
const BATCH_ROWS = 1_000;
const BATCH_BYTES = 256 * 1024;
const FEW_ROWS = 100;

/**
 * A pull query at work, where the table is: which rows match is decided at one instant, so the answer never mixes two
 * commits; the projection runs while the reader takes them.
 */
export class Pull implements PulledRows {
  readonly #project: CompiledShape['project'];
  #matched: readonly StoredRow[];
  #at = 0;

  constructor({ shape, keys }: PlannedOf<'pull'>, table: MaterializedTable) {
    const { project, keep } = compiled(shape);
    this.#project = project;
    this.#matched = match(shape, keys, keep, table);
  }

  get isShort(): boolean {
    return this.#matched.length - this.#at <= FEW_ROWS;
  }

  get isDone(): boolean {
    return this.#at >= this.#matched.length;
  }

  take(): readonly Row[] {
    const rows: Row[] = [];
    let bytes = 0;
    while (!this.isDone && rows.length < BATCH_ROWS && bytes < BATCH_BYTES) {
      const row = this.#project(withRowtime(this.#matched[this.#at++] as StoredRow));
      bytes += approximateRowBytes(row);
      rows.push(row);
    }
    return rows;
  }

  async next(): Promise<readonly Row[] | undefined> {
    return this.isDone ? undefined : this.take();
  }

  close(): void {
    this.#matched = [];
  }
}

interface CompiledShape {
  readonly project: (row: Row) => Row;
  readonly keep: (stored: StoredRow) => boolean;
}

/** Who asks for one key after another has the functions made once. */
const compiledShapes = new WeakMap<PullShape, CompiledShape>();

function compiled(shape: PullShape): CompiledShape {
  const known = compiledShapes.get(shape);
  if (known) return known;
  const { projection, predicate, properties } = shape;
  const effects = properties ? { ...SYSTEM_EFFECTS, properties } : SYSTEM_EFFECTS;
  const matches = predicate && compilePredicate(predicate, ignoreError, effects);
  const made: CompiledShape = {
    project: compileProjection(projection, ignoreError, effects),
    keep: matches ? (stored) => matches(withRowtime(stored)) : () => true,
  };
  compiledShapes.set(shape, made);
  return made;
}

function match(
  { limit, isWindowed }: PullShape,
  keys: readonly Row[] | undefined,
  keep: CompiledShape['keep'],
  table: MaterializedTable,
): StoredRow[] {
  // Which rows a LIMIT leaves is then the same each time, and the same as in ksqlDB, whose stores have this order.
  if (!keys && limit !== undefined) return table.first(limit, keep);
  const found = keys ? lookUp(keys, table, isWindowed) : table.scan();
  // Row by row: a table may be larger than memory.
  const kept = Iterator.from(found).filter(keep);
  return [...(limit === undefined ? kept : kept.take(limit))];
}

/** A key named twice is answered once: `IN ('a', 'a')`. */
function* lookUp(keys: readonly Row[], table: MaterializedTable, isWindowed: boolean): Iterable<StoredRow> {
  const asked = new Set<unknown>();
  for (const key of keys) {
    const identity = identityOf(key);
    if (asked.has(identity)) continue;
    asked.add(identity);
    if (isWindowed) {
      yield* table.windowsOf(key);
      continue;
    }
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
