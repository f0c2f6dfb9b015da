import type { CarriedError } from '../../base/calls.ts';
import type { LogLevel } from '../../base/logger.ts';
import type { Row } from '../../data/schema.ts';
import type { WriterSchema } from '../../data/writer-schema.ts';
import type { QueryPlan } from '../../sql/plan.ts';
import type { AdvanceCalls, TopicsCalls } from '../../topics/threads/topics-calls.ts';
import type { Position } from '../../topics/topics.ts';
import type { QueryCounters } from '../query-session.ts';
import type { OutputChange, QueryState, TransientPlan } from '../running-query.ts';
import type { QueryError, Retry } from '../setbacks.ts';
import type { Ended } from './gathered.ts';
import type { SentShape } from './pull-shapes.ts';

/** A pull query on its way to the table. */
export interface PullAsk {
  readonly handle: number;
  readonly shape: SentShape;
  readonly keys?: readonly Row[];
}

/** What an engine thread is started with. */
export interface EngineThreadData {
  readonly serviceId: string;
  /** Folder of state snapshots. */
  readonly stateRoot: string | undefined;
  /** Where state goes that is too much for the thread's memory. */
  readonly spill: { readonly folder: string; readonly memoryBytes: number | undefined } | undefined;
  /** Offsets of partitions whose files the thread reads itself; none: it asks for everything. */
  readonly offsets: SharedArrayBuffer | undefined;
  readonly hasSchemas: boolean;
  readonly flags: SharedArrayBuffer;
  /** One int32: the handle of the query at work, 0 between slices. Tells whose fault the end of a thread was. */
  readonly atWork: SharedArrayBuffer;
  /** Modules with functions of the user's own. */
  readonly functions: readonly string[];
}

export interface QuerySnapshot {
  readonly state: QueryState;
  readonly error: CarriedError | undefined;
  readonly errors: readonly QueryError[];
  readonly retry: Retry | undefined;
  readonly positions: readonly Position[];
  readonly counters: Readonly<QueryCounters>;
}

export interface PulledHelping {
  readonly rows: readonly Row[];
  /** By which to ask for more; undefined when these were the last. */
  readonly cursor: number | undefined;
}

/** What the main thread asks of a thread with an engine. Queries go by handles, numbers that are never given twice. */
export type EngineCalls = AdvanceCalls & {
  readonly start: {
    readonly ask: { readonly handle: number; readonly plan: QueryPlan };
    readonly answer: QuerySnapshot;
  };
  readonly startTransient: {
    readonly ask: { readonly handle: number; readonly plan: TransientPlan; readonly isPaced: boolean };
    readonly answer: QuerySnapshot;
  };
  /** From now on its changes are told. */
  readonly listen: { readonly ask: number; readonly answer: unknown };
  /** The reader of a paced query has room for more than the helpings sent so far. */
  readonly taken: { readonly ask: number; readonly answer: unknown };
  readonly stop: { readonly ask: number; readonly answer: unknown };
  readonly release: { readonly ask: number; readonly answer: unknown };
  readonly pull: { readonly ask: readonly PullAsk[]; readonly answer: readonly Ended<PulledHelping>[] };
  readonly pullMore: { readonly ask: number; readonly answer: PulledHelping };
  readonly pullClose: { readonly ask: number; readonly answer: unknown };
  /** Answered at once by a thread that listens. */
  readonly ping: { readonly ask: undefined; readonly answer: unknown };
  readonly stopAll: { readonly ask: undefined; readonly answer: unknown };
};

/** What an engine's thread asks of, and tells, the main thread. */
export type HostCalls = TopicsCalls & {
  /** After each commit and at each change of state; the changes of the commit come before. */
  readonly progress: {
    readonly ask: { readonly handle: number } & QuerySnapshot;
    readonly answer: unknown;
  };
  readonly changes: {
    readonly ask: {
      readonly handle: number;
      readonly changes: readonly OutputChange[];
      readonly positions: readonly Position[];
    };
    readonly answer: unknown;
  };
  /** A schema of the registry, by the id that a record names. */
  readonly schema: { readonly ask: number; readonly answer: WriterSchema | undefined };
  readonly log: {
    readonly ask: {
      readonly level: LogLevel;
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    };
    readonly answer: unknown;
  };
};
