import type { Row } from '../../data/schema.ts';
import type { SqlValue } from '../../data/types.ts';
import type { StoredRow } from '../running-query.ts';
import type { ForeignKeyIndex } from '../store/foreign-key-index.ts';
import type { StoreKey, StoreKeyOf } from '../store/store-key.ts';
import { laterOf, NO_ROWS, type TableLookup } from '../table-lookup.ts';
import { Change, type Output, type QueryContext } from './change.ts';
import type { JoinRows } from './join-rows.ts';

export interface ForeignKeyJoinOptions {
  readonly join: 'INNER' | 'LEFT';
  readonly index: ForeignKeyIndex;
  readonly leftKeyOf: StoreKeyOf;
  readonly rightKeyOf: StoreKeyOf;
  readonly foreignKeyOf: (left: Row) => SqlValue;
  /** As the left key is written. */
  readonly leftKeyBytes: (left: Row) => Uint8Array;
  readonly joinRows: JoinRows;
  /** Whether `output` looks at old rows. */
  readonly tellsOld: boolean;
  readonly context: QueryContext;
  readonly output: Output;
}

/**
 * A table whose rows name the key of a row in another one. The index says which rows name a key:
 *
 *   left  --change--> index: row's foreign key now --look up right--> one joined row
 *   right --change--> index: rows with that key    --look up left---> a joined row each, in the order of their key's bytes
 *
 * Where an INNER join may have told of a row before, it tells of its end, whether it did or not: Kafka Streams cannot know
 * either (KIP-213), and whoever counts its records would see the difference. The index follows from the left table, which
 * fills it at a restart too.
 */
export class ForeignKeyJoin implements TableLookup {
  /** To be connected with the rows of both sides. */
  leftRows: TableLookup = NO_ROWS;
  rightRows: TableLookup = NO_ROWS;
  readonly left: Output = { push: (change) => this.#leftChanged(change) };
  readonly right: Output = {
    push: (change) => this.#rightChanged(change),
    // All there is of the left side is told with it.
    ignoresRebuilding: true,
  };
  readonly #options: ForeignKeyJoinOptions;
  readonly #isLeft: boolean;

  constructor(options: ForeignKeyJoinOptions) {
    this.#options = options;
    this.#isLeft = options.join === 'LEFT';
  }

  get(key: StoreKey): StoredRow | undefined {
    const left = this.leftRows.get(key);
    if (left === undefined) return undefined;
    const right = this.#rightOf(this.#options.index.foreignKeyOf(key));
    const row = this.#joined(left.row, right?.row ?? null);
    return row === null ? undefined : { row, timestampMs: laterOf(left.timestampMs, right) };
  }

  #leftChanged(change: Change): void {
    const { leftKeyOf, index, tellsOld } = this.#options;
    const key = leftKeyOf(change.key);
    if (key === null) return;
    const { row, old, timestampMs } = change;
    const oldForeignKey = index.foreignKeyOf(key);
    const foreignKey = row === null ? null : this.#foreignKeyOf(row);
    index.set(key, foreignKey);
    const right = this.#rightOf(foreignKey);
    const oldRight = foreignKey === oldForeignKey ? right : this.#rightOf(oldForeignKey);
    const isTold = this.#isLeft
      ? row !== null || old !== null
      : right !== undefined || oldForeignKey !== null;
    if (!isTold) return;
    const joined = row === null ? null : this.#joined(row, right?.row ?? null);
    const before = tellsOld && old !== null ? this.#joined(old, oldRight?.row ?? null) : null;
    // A row that joins nothing any more ends at the time of what it was joined to, if that is later.
    const met = foreignKey === null && !this.#isLeft ? oldRight : right;
    this.#tell(change, joined, before, laterOf(timestampMs, met));
  }

  #rightChanged(change: Change): void {
    const { rightKeyOf, index, tellsOld, context } = this.#options;
    const foreignKey = rightKeyOf(change.key);
    if (foreignKey === null || context.rebuilding) return;
    const { row, old, timestampMs, partition, offset } = change;
    for (const left of this.#inOrder(index.keysWith(foreignKey))) {
      const before = tellsOld ? this.#joined(left, old) : null;
      this.#tell({ key: left, partition, offset }, this.#joined(left, row), before, timestampMs);
    }
  }

  #joined(left: Row, right: Row | null): Row | null {
    return right === null && !this.#isLeft ? null : this.#options.joinRows(left, left, right);
  }

  #foreignKeyOf(row: Row): StoreKey | null {
    const { foreignKeyOf, rightKeyOf } = this.#options;
    return rightKeyOf([foreignKeyOf(row)]);
  }

  #rightOf(foreignKey: StoreKey | null): StoredRow | undefined {
    return foreignKey === null ? undefined : this.rightRows.get(foreignKey);
  }

  #inOrder(keys: readonly StoreKey[]): Row[] {
    const rows = keys.map((key) => (this.leftRows.get(key) as StoredRow).row);
    if (rows.length < 2) return rows;
    const { leftKeyBytes } = this.#options;
    return rows
      .map((row) => ({ row, bytes: leftKeyBytes(row) }))
      .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
      .map(({ row }) => row);
  }

  #tell(
    { key, partition, offset }: Pick<Change, 'key' | 'partition' | 'offset'>,
    row: Row | null,
    old: Row | null,
    timestampMs: number,
  ): void {
    this.#options.output.push(new Change(row ?? key, row, old, timestampMs, partition, offset));
  }
}
