import { type CarriedError, plainError } from '../../base/calls.ts';
import {
  type Isolation,
  type LogChunk,
  type NewTopic,
  type PartitionOffsets,
  type Position,
  type TopicDescription,
  TopicError,
  type TopicPartition,
} from '../topics.ts';
import type { FilePlace } from './file-place.ts';

/** An unsealed batch whose memory moves to the log's thread. */
export interface MovedBatch extends TopicPartition {
  readonly batch: Uint8Array;
}

/** What a thread asks of the one that has the log: the topics port as messages. */
export type TopicsCalls = {
  readonly create: { readonly ask: NewTopic; readonly answer: TopicDescription };
  readonly delete: { readonly ask: string; readonly answer: unknown };
  readonly describe: {
    readonly ask: readonly string[] | undefined;
    readonly answer: readonly TopicDescription[];
  };
  readonly offsets: { readonly ask: TopicPartition; readonly answer: PartitionOffsets };
  readonly read: {
    readonly ask: TopicPartition & {
      readonly offset: number;
      readonly maxBytes: number;
      readonly isolation: Isolation;
    };
    readonly answer: {
      readonly chunk: Omit<LogChunk, 'bytes'> & { readonly bytes: Uint8Array };
      /** Where the files go on, for the thread to read by itself. */
      readonly place: FilePlace | undefined;
    };
  };
  readonly append: { readonly ask: MovedBatch; readonly answer: number };
  /** Answers the number by which the writer is called. */
  readonly transact: { readonly ask: string; readonly answer: number };
  readonly positions: {
    readonly ask: { readonly writer: number; readonly group: string };
    readonly answer: readonly Position[];
  };
  readonly commit: {
    readonly ask: {
      readonly writer: number;
      readonly batches: readonly MovedBatch[];
      readonly group: string;
      readonly positions: readonly Position[];
    };
    readonly answer: readonly number[];
  };
  readonly watch: {
    readonly ask: { readonly watch: number; readonly partitions: readonly TopicPartition[] };
    readonly answer: unknown;
  };
  readonly unwatch: { readonly ask: number; readonly answer: unknown };
};

/** What the log's thread tells. */
export type AdvanceCalls = {
  readonly advanced: { readonly ask: readonly number[]; readonly answer: unknown };
};

export function reviveTopicError(carried: CarriedError): Error {
  const { name, code, message } = carried;
  return name === 'TopicError' && typeof code === 'string'
    ? new TopicError(code, message)
    : plainError(carried);
}
