import type { Row } from '../../data/schema.ts';
import type { EncodedHeaders } from '../../record/batch-builder.ts';

/**
 * What moves between operators. Rows are key columns first, then value columns.
 *
 *            row      old      means
 *   STREAM   row      null     an event
 *   STREAM   null     null     a record whose value is null; `key` still holds its key columns
 *   TABLE    row      old|null the key's row is now `row`; `old` only when an operator further down reads it
 *   TABLE    null     old|null the key's row is gone
 */
export class Change {
  /** Begins with the key columns; often the row itself, so only they may be read from it. */
  readonly key: Row;
  readonly row: Row | null;
  readonly old: Row | null;
  readonly timestampMs: number;
  /** Of the record that caused it. */
  readonly partition: number;
  readonly offset: number;

  constructor(
    key: Row,
    row: Row | null,
    old: Row | null,
    timestampMs: number,
    partition: number,
    offset: number,
  ) {
    this.key = key;
    this.row = row;
    this.old = old;
    this.timestampMs = timestampMs;
    this.partition = partition;
    this.offset = offset;
  }
}

/** The input of an operator. Synchronous: when it returns, everything the change causes has happened. */
export interface Output {
  push(change: Change): void;
  /** Changes that only refill what is derived, while `QueryContext.rebuilding`, refill nothing here. */
  readonly ignoresRebuilding?: boolean;
}

/** Where nobody is told. */
export const NOWHERE: Output = { push() {}, ignoresRebuilding: true };

/** What operators share within one query. */
export interface QueryContext {
  /** A value that could not be computed or a record that could not be used: into the processing log. */
  report(stepId: string, error: Error): void;
  /** A record that was left out because its bytes do not fit the schema. */
  reportSkipped(stepId: string, topic: string, partition: number, offset: number, error: Error): void;
  /** A row came after a window it belongs to was closed, and was left out of it. */
  late(): void;
  /** Of the record that is being processed: ksqlDB gives them to everything that record causes. */
  headers(): EncodedHeaders | undefined;
  /** What `headers` gives while `tell` runs: at the end of a round, those of a record that was processed before. */
  withHeaders(headers: EncodedHeaders | undefined, tell: () => void): void;
  /**
   * True while table contents are derived anew from restored stores: changes then only refill what is derived, and
   * nothing is written or aggregated again.
   */
  readonly rebuilding: boolean;
  /** True while a push query that wants only new changes reads what its tables held before it started. */
  readonly muted: boolean;
}
