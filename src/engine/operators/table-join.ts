import type { Row } from '../../data/schema.ts';
import type { TableTableJoinStep } from '../../sql/plan.ts';
import type { StoredRow } from '../running-query.ts';
import type { StoreKey, StoreKeyOf } from '../store/store-key.ts';
import { laterOf, NO_ROWS, type TableLookup } from '../table-lookup.ts';
import { Change, type Output, type QueryContext } from './change.ts';
import type { JoinRows } from './join-rows.ts';

export interface TableJoinOptions {
  readonly join: TableTableJoinStep['join'];
  readonly keyOf: StoreKeyOf;
  readonly joinRows: JoinRows;
  /** Whether `output` looks at old rows. */
  readonly tellsOld: boolean;
  readonly context: QueryContext;
  readonly output: Output;
}

/**
 * Two tables on equal keys. A change of either side meets the other's row of the moment:
 *
 *   left  --change--> left  --+--> joined row, old joined row
 *                       |  look up
 *   right --change--> right --+--> the same with the sides swapped
 *
 *   of the other side     this side alone makes a row        it does not
 *   there is a row        joined (a deletion makes one with nulls, if the other alone is a row)
 *   there is none         joined with nulls, or a deletion   nothing
 *
 * It keeps nothing: what it has told of a key follows from what both sides hold. So a restart has nothing to restore, and
 * a join further down can look its rows up here.
 */
export class TableJoin implements TableLookup {
  /** To be connected with the rows of both sides. */
  leftRows: TableLookup = NO_ROWS;
  rightRows: TableLookup = NO_ROWS;
  readonly left: Output = { push: (change) => this.#leftChanged(change) };
  readonly right: Output;
  readonly #options: TableJoinOptions;
  readonly #keepsLeft: boolean;
  readonly #keepsRight: boolean;

  constructor(options: TableJoinOptions) {
    this.#options = options;
    this.#keepsLeft = options.join === 'LEFT' || options.join === 'FULL';
    this.#keepsRight = options.join === 'RIGHT' || options.join === 'FULL';
    this.right = {
      push: (change) => this.#rightChanged(change),
      // What there is of the left side is told with it.
      ignoresRebuilding: !this.#keepsRight,
    };
  }

  get(key: StoreKey): StoredRow | undefined {
    const left = this.leftRows.get(key);
    const right = this.rightRows.get(key);
    if (left === undefined && (right === undefined || !this.#keepsRight)) return undefined;
    if (right === undefined && !this.#keepsLeft) return undefined;
    const row = this.#options.joinRows((left ?? right)?.row as Row, left?.row ?? null, right?.row ?? null);
    return { row, timestampMs: Math.max(left?.timestampMs ?? -1, right?.timestampMs ?? -1) };
  }

  #leftChanged(change: Change): void {
    const { keyOf, joinRows, tellsOld } = this.#options;
    const key = keyOf(change.key);
    if (key === null) return;
    const right = this.rightRows.get(key);
    if (right === undefined && !this.#isChangeAlone(change, this.#keepsLeft)) return;
    const isRow = (left: Row | null) => left !== null || (right !== undefined && this.#keepsRight);
    const joined = (left: Row | null) =>
      isRow(left) ? joinRows(change.key, left, right?.row ?? null) : null;
    this.#tell(change, joined(change.row), tellsOld ? joined(change.old) : null, right);
  }

  #rightChanged(change: Change): void {
    const { keyOf, joinRows, tellsOld, context } = this.#options;
    const key = keyOf(change.key);
    if (key === null) return;
    const left = this.leftRows.get(key);
    if (left === undefined && !this.#isChangeAlone(change, this.#keepsRight)) return;
    if (left !== undefined && context.rebuilding) return;
    const isRow = (right: Row | null) => right !== null || (left !== undefined && this.#keepsLeft);
    const joined = (right: Row | null) =>
      isRow(right) ? joinRows(change.key, left?.row ?? null, right) : null;
    this.#tell(change, joined(change.row), tellsOld ? joined(change.old) : null, left);
  }

  /** Whether a change is one of the result although the other side has no row. */
  #isChangeAlone({ row, old }: Change, isKept: boolean): boolean {
    return isKept && (row !== null || old !== null);
  }

  #tell(
    { key, timestampMs, partition, offset }: Change,
    row: Row | null,
    old: Row | null,
    other: StoredRow | undefined,
  ): void {
    const timeMs = laterOf(timestampMs, other);
    this.#options.output.push(new Change(row ?? key, row, old, timeMs, partition, offset));
  }
}
