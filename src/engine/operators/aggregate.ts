import type { Row } from '../../data/schema.ts';
import type { SqlValue } from '../../data/types.ts';
import type { Aggregator } from '../../sql/functions/aggregate.ts';
import type { Store, StoreEntry } from '../store/store.ts';
import type { StoreKey, StoreKeyOf } from '../store/store-key.ts';
import { Change, type Output, type QueryContext } from './change.ts';

/** One group: its key columns and what its aggregates have gathered. Changed in place. */
export interface Group extends StoreEntry {
  readonly key: Row;
  readonly states: unknown[];
  timestampMs: number;
}

export interface AggregateCallOnRow {
  readonly aggregator: Aggregator;
  /** The call's arguments, computed from an input row. */
  readonly args: readonly ((row: Row) => SqlValue)[];
}

/**
 * GROUP BY over rows that have the group's key. Over a stream every row is added and gives one output. Over a table
 * the old row is taken away and the new one added:
 *
 *   same group         undo old, add new    one output
 *   other group        undo old             output of the old group, first
 *                      add new              output of the new group
 *
 * A group that has lost all its rows stays (COUNT 0 is a row).
 */
export class Aggregate implements Output {
  readonly #store: Store<Group>;
  readonly #keyOf: StoreKeyOf;
  readonly #keyWidth: number;
  readonly #calls: readonly AggregateCallOnRow[];
  readonly #emitsOld: boolean;
  readonly #context: QueryContext;
  readonly #output: Output;

  constructor(options: {
    readonly store: Store<Group>;
    readonly keyOf: StoreKeyOf;
    readonly keyWidth: number;
    readonly calls: readonly AggregateCallOnRow[];
    readonly emitsOld: boolean;
    readonly context: QueryContext;
    readonly output: Output;
  }) {
    this.#store = options.store;
    this.#keyOf = options.keyOf;
    this.#keyWidth = options.keyWidth;
    this.#calls = options.calls;
    this.#emitsOld = options.emitsOld;
    this.#context = options.context;
    this.#output = options.output;
  }

  push(change: Change): void {
    if (this.#context.rebuilding) return;
    const { row, old } = change;
    const newKey = row === null ? null : this.#keyOf(row);
    const oldKey = old === null ? null : this.#keyOf(old);
    if (oldKey !== null && oldKey !== newKey) this.#update(change, oldKey, old as Row, old, null);
    if (newKey !== null) this.#update(change, newKey, row as Row, oldKey === newKey ? old : null, row);
  }

  /** Everything the store holds, as changes from nothing: refills what is derived further down. */
  replay(): void {
    for (const group of this.#store.entries()) {
      const row = this.#result(group);
      this.#output.push(new Change(row, row, null, group.timestampMs, -1, -1));
    }
  }

  #update(change: Change, key: StoreKey, keyRow: Row, taken: Row | null, added: Row | null): void {
    let group = this.#store.get(key);
    const before = group !== undefined && this.#emitsOld ? this.#result(group) : null;
    if (group === undefined) {
      group = this.#newGroup(keyRow);
      this.#store.add(key, group);
    }
    if (taken !== null) this.#undo(group, taken);
    if (added !== null) this.#add(group, added);
    if (change.timestampMs > group.timestampMs) group.timestampMs = change.timestampMs;
    this.#store.touch(group);
    const now = this.#result(group);
    this.#output.push(new Change(now, now, before, group.timestampMs, change.partition, change.offset));
  }

  #newGroup(row: Row): Group {
    return {
      key: row.slice(0, this.#keyWidth),
      states: this.#calls.map(({ aggregator }) => aggregator.initial()),
      timestampMs: -1,
      isDirty: false,
    };
  }

  #add({ states }: Group, row: Row): void {
    const calls = this.#calls;
    for (let index = 0; index < calls.length; index++) {
      const { aggregator, args } = calls[index] as AggregateCallOnRow;
      // Nearly all aggregates have one argument; a spread costs several times the call.
      states[index] =
        args.length === 1
          ? aggregator.add(states[index], (args[0] as (row: Row) => SqlValue)(row))
          : aggregator.add(states[index], ...args.map((arg) => arg(row)));
    }
  }

  #undo({ states }: Group, row: Row): void {
    for (const [index, { aggregator, args }] of this.#calls.entries()) {
      if (!aggregator.undo)
        throw new Error('the aggregate cannot take a row back, so it cannot run over a table');
      states[index] = aggregator.undo(states[index], ...args.map((arg) => arg(row)));
    }
  }

  #result({ key, states }: Group): Row {
    const width = key.length;
    const row = new Array<SqlValue>(width + states.length);
    for (let index = 0; index < width; index++) row[index] = key[index] as SqlValue;
    for (let index = 0; index < states.length; index++)
      row[width + index] = (this.#calls[index] as AggregateCallOnRow).aggregator.result(states[index]);
    return row;
  }
}
