import type { Row } from '../data/schema.ts';
import type { QueryPlan, Step } from '../sql/plan.ts';
import type { PlannedOf } from '../sql/planned.ts';
import type { Position } from '../topics/topics.ts';
import type { QueryError, Retry } from './setbacks.ts';

/** One committed change at the end of a plan. Rows are key columns then value columns of the last step's schema. */
export interface OutputChange {
  readonly key: Row;
  /** null: the row was deleted (tables) or the record had a null value (streams). */
  readonly row: Row | null;
  readonly timestampMs: number;
  /** Of the record that caused it. */
  readonly partition: number;
  readonly offset: number;
}

/** Committed rows of a table, by key. Reads never see what is not committed. */
export interface MaterializedTable {
  get(key: Row): StoredRow | undefined;
  /** Of a windowed table: the rows of all windows of a key, which is given without one, in the order of time. */
  windowsOf(key: Row): readonly StoredRow[];
  /** In no promised order. */
  scan(): Iterable<StoredRow>;
  /** The first rows that `keep` lets through, by partition and then by the bytes of their key. */
  first(count: number, keep: (stored: StoredRow) => boolean): StoredRow[];
  readonly size: number;
}

export interface StoredRow {
  readonly row: Row;
  readonly timestampMs: number;
}

/** What a pull query has found, in helpings. */
export interface PulledRows {
  /** All of them are here, and they are few. */
  readonly isShort: boolean;
  /** Undefined at the end. */
  next(): Promise<readonly Row[] | undefined>;
  /** The reader wants no more. */
  close(): void;
}

/**
 * Told of one commit's changes, after the commit and in order: all that came of the records below `positions` and were
 * not told before.
 */
export type ChangeListener = (changes: readonly OutputChange[], positions: readonly Position[]) => void;

export type QueryState = 'STARTING' | 'RUNNING' | 'ERROR' | 'STOPPED';

/** A plan that runs. Made by `Engine.start` (persistent) or `Engine.startTransient` (push query). */
export interface RunningQuery {
  readonly id: string;
  readonly state: QueryState;
  /** Why it is in ERROR: what happened and at which topic-partition-offset. */
  readonly error: Error | undefined;
  /** Its last failures, also those that it has got over. */
  readonly errors: readonly QueryError[];
  /** Set while it waits to go on after a failure. */
  readonly retry: Retry | undefined;
  /** Resolves with the reason when it goes to ERROR, else never. */
  readonly failed: Promise<Error>;
  /** Whether it keeps rows for pull queries (CTAS), also when it has stopped. */
  readonly keepsTable: boolean;
  /** The rows of its table that a pull query asks for: all of one instant, committed. */
  pull(planned: PlannedOf<'pull'>): Promise<PulledRows>;
  /** Next offsets to read, as committed last. */
  positions(): readonly Position[];
  /** Since it started: records read, written and refused (sent to the processing log), rows too late for a window. */
  readonly counters: {
    readonly consumed: number;
    readonly produced: number;
    readonly errors: number;
    readonly late: number;
  };
  /** Resolves once everything below `positions` has been processed and committed (bounded by `timeoutMs`: then rejects). */
  reached(positions: readonly Position[], timeoutMs: number): Promise<void>;
  subscribe(listener: ChangeListener): () => void;
  /**
   * Stops reading; resolves when the last round is committed or given up. State stays on disk, and the table can still be
   * read until `release`.
   */
  stop(): Promise<void>;
  /** Forgets the table of a query that has stopped. */
  release(): void;
}

export interface PersistentQuery extends RunningQuery {
  readonly plan: QueryPlan;
}

/** Keeps a push query from running ahead of its reader: the log holds what the reader has not taken yet. */
export interface Pace {
  /** Something to wait for before more is read; undefined: go on. */
  hold(): Promise<void> | undefined;
}

/** A push query's plan: any step as the end, nothing written anywhere. */
export interface TransientPlan {
  readonly queryId: string;
  readonly root: Step;
  readonly properties: Readonly<Record<string, string>>;
  /** Where it goes on, as told with the changes of an earlier query of the same plan. */
  readonly from?: readonly Position[];
}
