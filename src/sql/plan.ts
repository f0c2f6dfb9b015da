import type { Column, Schema } from '../data/schema.ts';
import type { WriterSchema } from '../data/writer-schema.ts';
import type { Expression } from './expression.ts';

/**
 * The durable contract between the SQL front end and the engine: a tree of named, versioned steps, plain JSON.
 * `planner.ts` writes it, the engine builds operators from it, the command log keeps it.
 *
 *   stream source --> filter --> project --> rekey --+--> aggregate --> filter --> project --> sink
 *   stream or table source ---------------> rekey --join
 */
export type Step =
  | SourceStep
  | FilterStep
  | ProjectStep
  | RekeyStep
  | FlatMapStep
  | AggregateStep
  | WindowedAggregateStep
  | StreamTableJoinStep
  | StreamStreamJoinStep
  | TableTableJoinStep
  | ForeignKeyJoinStep
  | SinkStep;

interface StepBase {
  /** Unique in the plan and stable, names its store and changelog: `Aggregate`, `Join-Right` ... */
  readonly id: string;
  /** Shape of the rows it emits: key columns, value columns. */
  readonly schema: Schema;
  readonly relation: 'STREAM' | 'TABLE';
}

export interface TopicFormat {
  readonly topic: string;
  readonly keyFormat: FormatSpec;
  readonly valueFormat: FormatSpec;
  /** The topic's keys carry a window. In a step's schema the last two key columns are then WINDOWSTART, WINDOWEND. */
  readonly window?: KeyWindow;
}

/** `sizeMs`: of time windows, whose keys hold only their start. */
export interface KeyWindow {
  readonly type: 'TUMBLING' | 'HOPPING' | 'SESSION';
  readonly sizeMs?: number;
  /** How long the query that makes the windows keeps them; absent where the topic is somebody else's. */
  readonly retentionMs?: number;
}

/** How rows come into windows: by the clock, [start, start + size), or by activity, [first row, last row]. */
export type WindowSpec = TimeWindowSpec | SessionWindowSpec;

export interface TimeWindowSpec {
  readonly type: 'TUMBLING' | 'HOPPING';
  readonly sizeMs: number;
  readonly advanceMs: number;
}

export interface SessionWindowSpec {
  readonly type: 'SESSION';
  readonly gapMs: number;
}

export interface FormatSpec {
  readonly name: string;
  readonly delimiter?: string;
  readonly wrapSingle?: boolean;
  /** Of the record in a schema that is made of columns; of PROTOBUF the message in a schema of several. */
  readonly fullName?: string;
  /** PROTOBUF: how its schema tells null from a default value. */
  readonly nullable?: 'OPTIONAL' | 'WRAPPER';
  /** The schema that WITH names by its id. */
  readonly schemaId?: number;
  /**
   * Of a sink, what records are written with: part of the plan, so that a restart depends on no registry. Of what is read, the
   * schema that most records will have.
   */
  readonly schema?: WriterSchema;
}

export type PseudoColumn = 'ROWTIME' | 'ROWPARTITION' | 'ROWOFFSET';

/**
 * Reads a topic. Rows are schema.key, schema.value, then `pseudo`; columns not in `used` are null.
 * A TABLE source keeps a store of its last row per key (it feeds joins and turns records into old/new changes).
 */
export interface SourceStep extends StepBase, TopicFormat {
  readonly step: 'sourceV1';
  readonly source: string;
  /** Positions in key + value that any later step reads, ascending. */
  readonly used: readonly number[];
  readonly pseudo: readonly PseudoColumn[];
  /** The column whose value becomes ROWTIME; `format` is a Java pattern for STRING columns. */
  readonly timestamp?: { readonly column: string; readonly format?: string };
}

/** Keeps rows whose predicate is true. On a TABLE: a row that stops matching becomes a deletion. */
export interface FilterStep extends StepBase {
  readonly step: 'filterV1';
  readonly input: Step;
  readonly predicate: Expression;
}

/** Computes new value columns; the key columns (first schema.key.length) are computed too but equal the input's key. */
export interface ProjectStep extends StepBase {
  readonly step: 'projectV1';
  readonly input: Step;
  /** One per column of `schema`, key columns first. */
  readonly columns: readonly Expression[];
}

/**
 * Gives rows a new key (PARTITION BY, GROUP BY, a join on a non-key column). Schema = new key columns + all columns
 * of the input as value (old key columns included, so later steps can read them). For GROUP BY a null key drops the row.
 */
export interface RekeyStep extends StepBase {
  readonly step: 'rekeyV1';
  readonly input: Step;
  readonly key: readonly Expression[];
  readonly purpose: 'PARTITION_BY' | 'GROUP_BY' | 'JOIN';
}

/**
 * Makes of each row as many as the longest of the functions' lists has elements. Output: the input's columns, then one
 * column per function with its element, null behind its list's end.
 */
export interface FlatMapStep extends StepBase {
  readonly step: 'flatMapV1';
  readonly input: Step;
  /** Calls of table functions; their types are ARRAYs. */
  readonly functions: readonly Expression[];
}

/** Groups by the input's key. Output: the key columns, then one column per aggregate; TABLE. */
export interface AggregateStep extends StepBase {
  readonly step: 'aggregateV1';
  readonly input: Step;
  readonly aggregates: readonly AggregateCall[];
}

/**
 * Groups a stream by its key and by windows of time. Output: the key columns, WINDOWSTART and WINDOWEND (both part of
 * the key), one column per aggregate; TABLE.
 */
export interface WindowedAggregateStep extends StepBase {
  readonly step: 'windowedAggregateV1';
  readonly input: Step;
  readonly aggregates: readonly AggregateCall[];
  readonly window: WindowSpec;
  /** How long after its end a window still takes rows. */
  readonly graceMs: number;
  /** How long a window is kept, counted from its start; at least size + grace. Of sessions: from their end. */
  readonly retentionMs: number;
  /** Each update of a window, or one result when it is closed. */
  readonly emit: 'CHANGES' | 'FINAL';
  /** Of the repartition topic there would be: decides the partition of a key, and the order of equal windows. */
  readonly keyFormat: FormatSpec;
}

export interface AggregateCall {
  /** Upper-case name in the function registry. */
  readonly function: string;
  /** Evaluated on the input row. */
  readonly args: readonly Expression[];
  /** Constant arguments such as TOPK's k, already evaluated to JSON-safe values. */
  readonly init: readonly (number | string | boolean | null)[];
  readonly output: Column;
}

/**
 * Stream-table join on the stream's key = the table's primary key. Output row: the key columns, then all of left's
 * key + value columns, then all of right's key + value columns (nulls when a LEFT join finds nothing).
 */
export interface StreamTableJoinStep extends StepBase {
  readonly step: 'streamTableJoinV1';
  readonly left: Step;
  readonly right: Step;
  readonly join: 'INNER' | 'LEFT';
}

/**
 * Rows of two streams meet when their keys are equal and left - before <= right <= left + after, in event time. Output
 * row as of a stream-table join; its key is that of both sides.
 */
export interface StreamStreamJoinStep extends StepBase {
  readonly step: 'streamStreamJoinV1';
  readonly left: Step;
  readonly right: Step;
  readonly join: 'INNER' | 'LEFT' | 'RIGHT' | 'FULL';
  readonly beforeMs: number;
  readonly afterMs: number;
  /** How far behind stream time a row may be and still meet others. */
  readonly graceMs: number;
  /** A row without a partner is told once none can come any more, not at once. */
  readonly waits: boolean;
  /** Of the key of both sides: decides its partition, and the order of rows that end their waiting together. */
  readonly keyFormat: FormatSpec;
  /** Set where keys have windows, whose bounds are then part of them; the left side's. */
  readonly keyWindow?: KeyWindow;
}

/**
 * Table-table join on equal primary keys, whose window is part of them. Output row: the key columns, then all of left's
 * key + value columns, then all of right's; nulls for the side that is missing. TABLE.
 */
export interface TableTableJoinStep extends StepBase {
  readonly step: 'tableTableJoinV1';
  readonly left: Step;
  readonly right: Step;
  readonly join: 'INNER' | 'LEFT' | 'RIGHT' | 'FULL';
}

/** Table-table join on an expression over left's rows = right's primary key. Key and row as above; the key is left's. */
export interface ForeignKeyJoinStep extends StepBase {
  readonly step: 'foreignKeyJoinV1';
  readonly left: Step;
  readonly right: Step;
  readonly join: 'INNER' | 'LEFT';
  /** Evaluated on the left row. */
  readonly foreignKey: Expression;
  /** Of left's key: left rows follow a change of their right row in the order of its bytes. */
  readonly keyFormat: FormatSpec;
}

/** Writes every change to a topic (and, for a TABLE, keeps it for pull queries). */
export interface SinkStep extends StepBase, TopicFormat {
  readonly step: 'sinkV1';
  readonly input: Step;
  readonly sink: string;
  /** The topic is somebody else's: rows are kept, none is written. */
  readonly keepsOnly?: true;
  readonly timestamp?: { readonly column: string; readonly format?: string };
}

/** The steps whose rows a step takes, leftmost first. */
export function inputsOf(step: Step): readonly Step[] {
  if (step.step === 'sourceV1') return [];
  return 'input' in step ? [step.input] : [step.left, step.right];
}

/** A persistent query: what CSAS, CTAS and INSERT INTO ... SELECT become. */
export interface QueryPlan {
  readonly version: 1;
  readonly queryId: string;
  readonly statementText: string;
  readonly sink: SinkStep;
  /** Overrides in force when it was made, prefix `ksql.streams.` stripped: auto.offset.reset, cache.max.bytes.buffering ... */
  readonly properties: Readonly<Record<string, string>>;
}
