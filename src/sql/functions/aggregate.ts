import type { SqlType, SqlValue } from '../../data/types.ts';

/**
 * One aggregate function bound to its argument types. The state is the function's own (a number, a Map ...) and may
 * be changed in place by `add`; `save` and `load` turn it into a SQL value of `stateType` for changelogs and snapshots.
 */
export interface Aggregator<State = unknown> {
  readonly resultType: SqlType;
  readonly stateType: SqlType;
  initial(): State;
  /** Returns the new state; arguments may be null. */
  add(state: State, ...args: SqlValue[]): State;
  /** Present when the function works over tables: takes a row's earlier contribution away. */
  undo?(state: State, ...args: SqlValue[]): State;
  /** What both have gathered, `earlier` from rows of an earlier session; may change and return either. */
  merge(earlier: State, later: State): State;
  /** The SQL result; must not alias state that a later `add` changes. */
  result(state: State): SqlValue;
  /** Where `result` gives the state itself. */
  readonly stateIsResult?: true;
  /**
   * JavaScript that does what `add` does, for functions of an instruction or two: `state` can be assigned to, `argument`
   * names a variable ('' for none).
   */
  readonly addCode?: (state: string, argument: string) => string;
  save(state: State): SqlValue;
  load(saved: SqlValue): State;
}
