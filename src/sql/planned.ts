import type { Column, Row } from '../data/schema.ts';
import type { SqlType } from '../data/types.ts';
import type { WriterSchema } from '../data/writer-schema.ts';
import type { ListSubject, Relation } from './ast.ts';
import type { Source } from './catalog.ts';
import type { Expression } from './expression.ts';
import type { QueryPlan, Step } from './plan.ts';

export interface PlanOptions {
  /** Overrides in force, most specific last; a prefix `ksql.streams.` is stripped by the planner. */
  readonly properties: Readonly<Record<string, string>>;
  /** The n of CSAS_NAME_n, CTAS_NAME_n, INSERTQUERY_n. */
  readonly nextQueryId: number;
  /** For push queries, which have no sink to be named after. Default `transient_<n>`. */
  readonly transientQueryId?: string;
  /** What a schema registry has for the statement: see `schemaNeeds`. */
  readonly schemas?: StatementSchemas;
  /** What UNIX_TIMESTAMP() and the like see while INSERT VALUES is evaluated. */
  readonly nowMs?: number;
}

/** A schema that was fetched for a statement, and the columns that it describes. */
export interface GivenSchema {
  readonly schema: WriterSchema;
  readonly columns: readonly Column[];
  /** The columns are a record's fields; else the one column is the whole, and its name is ours. */
  readonly hasFields: boolean;
}

/** Of the statement's topic. */
export interface StatementSchemas {
  readonly key?: GivenSchema;
  readonly value?: GivenSchema;
}

/** A column of a query's result; `keyIndex` is its position in the key when it is a key column. */
export interface ResultColumn extends Column {
  readonly key: boolean;
  readonly keyIndex?: number;
}

/** A push query, or a pull query on a stream, ready to run. */
export interface TransientQuery {
  /** `columns[i]` is at `row[plan.root.schema.key.length + i]` of every emitted row. */
  readonly columns: readonly ResultColumn[];
  readonly plan: {
    readonly queryId: string;
    readonly root: Step;
    readonly properties: Readonly<Record<string, string>>;
  };
  readonly limit?: number;
  /** Of a push query: whether ksqlDB would run it beside the query that writes its source. */
  readonly isScalable?: boolean;
}

/** A pull query but for the keys that it asks for: what many queries have in common, compiled once. */
export interface PullShape {
  readonly source: string;
  /** A key has a row a window. */
  readonly isWindowed: boolean;
  /** Whether the predicate bounds the key at least from one side. */
  readonly hasKeyRange: boolean;
  /** Over key + value columns, then ROWTIME; also to be applied to rows found by key. Left out where the keys say it all. */
  readonly predicate?: Expression;
  readonly projection: readonly Expression[];
  /** Those that expressions heed, where any is set. */
  readonly properties?: Readonly<Record<string, string>>;
  readonly columns: readonly ResultColumn[];
  readonly limit?: number;
}

export type Planned =
  | {
      readonly kind: 'createSource';
      readonly source: Source;
      /** Of a source table: what keeps its rows. */
      readonly plan?: QueryPlan;
      readonly topicPartitions?: number;
      readonly replicas?: number;
      readonly retentionMs?: number;
      readonly ifNotExists: boolean;
      readonly orReplace: boolean;
    }
  | {
      readonly kind: 'createQuery';
      readonly plan: QueryPlan;
      /** The sink. */
      readonly source: Source;
      /** Of the sink's topic; by default as many as the leftmost source's topic, `partitionsFrom`. */
      readonly partitions?: number;
      readonly partitionsFrom: string;
      readonly replicas?: number;
      readonly retentionMs?: number;
      readonly ifNotExists: boolean;
      readonly orReplace: boolean;
    }
  /** The source as it is to be from now on. */
  | { readonly kind: 'alter'; readonly source: Source }
  | { readonly kind: 'insertQuery'; readonly plan: QueryPlan; readonly target: Source }
  | {
      readonly kind: 'insertValues';
      readonly target: Source;
      /** Of the target's schema, key columns first; those not named in the statement are null. */
      readonly columns: readonly Column[];
      readonly row: Row;
      readonly timestampMs?: number;
    }
  | {
      readonly kind: 'pull';
      readonly shape: PullShape;
      /** Keys to look up, when the predicate fixes the whole primary key by = or IN; without bounds of windows. */
      readonly keys?: readonly Row[];
    }
  | ({ readonly kind: 'push' } & TransientQuery)
  /** A pull query on a stream: scans the topic from its beginning and ends at its present end. */
  | ({ readonly kind: 'streamPull' } & TransientQuery)
  | {
      readonly kind: 'drop';
      readonly relation: Relation;
      readonly name: string;
      readonly ifExists: boolean;
      readonly deleteTopic: boolean;
    }
  | {
      readonly kind: 'createType';
      readonly name: string;
      readonly type: SqlType;
      readonly ifNotExists: boolean;
    }
  | { readonly kind: 'dropType'; readonly name: string; readonly ifExists: boolean }
  | {
      readonly kind: 'createConnector';
      readonly name: string;
      readonly direction: 'SOURCE' | 'SINK';
      readonly config: Readonly<Record<string, string>>;
      readonly ifNotExists: boolean;
    }
  | { readonly kind: 'dropConnector'; readonly name: string; readonly ifExists: boolean }
  | { readonly kind: 'describeConnector'; readonly name: string }
  | { readonly kind: 'listConnectors'; readonly direction?: 'SOURCE' | 'SINK' }
  | { readonly kind: 'listConnectorPlugins' }
  | {
      readonly kind: 'list';
      readonly subject: Exclude<ListSubject, 'CONNECTORS' | 'CONNECTOR PLUGINS'>;
      readonly extended: boolean;
      readonly all: boolean;
    }
  | { readonly kind: 'describe'; readonly name: string; readonly extended: boolean }
  | { readonly kind: 'describeAll'; readonly relation: Relation; readonly extended: boolean }
  | { readonly kind: 'describeFunction'; readonly name: string }
  | { readonly kind: 'explain'; readonly queryId: string }
  | { readonly kind: 'explainStatement'; readonly planned: Planned; readonly text: string }
  | {
      readonly kind: 'print';
      readonly topic: string;
      readonly fromBeginning: boolean;
      readonly interval?: number;
      readonly limit?: number;
    }
  | { readonly kind: 'terminate' | 'pause' | 'resume'; readonly queryId: string | 'ALL' }
  | {
      readonly kind: 'assertTopic';
      readonly topic: string;
      readonly exists: boolean;
      readonly partitions?: number;
      readonly replicas?: number;
      readonly timeoutMs: number;
    }
  | {
      readonly kind: 'assertSchema';
      readonly subject?: string;
      readonly id?: number;
      readonly exists: boolean;
      readonly timeoutMs: number;
    }
  | { readonly kind: 'alterSystem'; readonly name: string; readonly value: string }
  | { readonly kind: 'set'; readonly name: string; readonly value: string }
  | { readonly kind: 'unset'; readonly name: string }
  | { readonly kind: 'define'; readonly name: string; readonly value: string }
  | { readonly kind: 'undefine'; readonly name: string };

export type PlannedOf<Kind extends Planned['kind']> = Extract<Planned, { kind: Kind }>;
