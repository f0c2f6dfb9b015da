import type { Clock } from '../base/clock.ts';
import { SerdeError } from '../serde/format.ts';
import type { Topics } from '../topics/topics.ts';
import { Inputs } from './inputs.ts';
import type { Change } from './operators/change.ts';
import { PartitionReader, type PartitionReaderOptions } from './partition-reader.ts';
import type { QuerySession } from './query-session.ts';
import type { RoundOutput } from './round-output.ts';
import type { StartingPoint } from './starting-point.ts';
import { Task, type TaskOptions } from './task.ts';
import type { SourceNode, Topology } from './topology.ts';

const MOST_CHUNK_BYTES = 1024 * 1024;
const LEAST_CHUNK_BYTES = 64 * 1024;
/** Two chunks per partition may be held: one being processed, one read ahead. */
const READ_AHEAD_BYTES = 32 * 1024 * 1024;

export interface OpenTaskOptions
  extends Pick<TaskOptions, 'changelogs' | 'commit' | 'commitIntervalMs' | 'onCommitted' | 'pace' | 'watch'> {
  readonly topics: Topics;
  readonly clock: Clock;
  readonly topology: Topology;
  readonly session: QuerySession;
  readonly output: RoundOutput;
  readonly points: readonly StartingPoint[];
  /** A push query that wants only new changes says nothing about what its tables held before. */
  readonly skipsTableContents: boolean;
  readonly onGap: (topic: string, partition: number, fromOffset: number, toOffset: number) => void;
}

/** Connects a topology to its topics' partitions, from the given offsets on. */
export function openTask(options: OpenTaskOptions): Task {
  const { topics, points, topology, session } = options;
  const maxBytes = Math.max(
    LEAST_CHUNK_BYTES,
    Math.min(MOST_CHUNK_BYTES, Math.floor(READ_AHEAD_BYTES / 2 / points.length)),
  );
  const readers: PartitionReader[] = [];
  for (const nodes of byTopic(topology.sources)) {
    const topic = (nodes[0] as SourceNode).decoder.step.topic;
    const decode = recordDecoder(nodes, session);
    const outputs = nodes.map(({ output }) => output);
    for (const point of points.filter((candidate) => candidate.topic === topic))
      readers.push(
        new PartitionReader({
          topics,
          topic,
          partition: point.partition,
          offset: point.offset,
          maxBytes,
          outputs,
          quietBelow: options.skipsTableContents && nodes[0]?.table ? point.lastStableOffset : 0,
          decode,
          onGap: (fromOffset, toOffset) => options.onGap(topic, point.partition, fromOffset, toOffset),
        }),
      );
  }
  return new Task({ ...options, inputs: new Inputs(topics, readers) });
}

/** Sources of one topic share its readers, since a query has one position per partition. */
function byTopic(sources: readonly SourceNode[]): Iterable<SourceNode[]> {
  return Map.groupBy(sources, ({ decoder }) => decoder.step.topic).values();
}

function recordDecoder(
  nodes: readonly SourceNode[],
  session: QuerySession,
): PartitionReaderOptions['decode'] {
  return (cursor, partition) => {
    const changes: (Change | undefined)[] = [];
    for (const { decoder } of nodes) {
      try {
        changes.push(decoder.decode(cursor, partition));
      } catch (error) {
        if (!(error instanceof SerdeError)) throw error;
        session.reportSkipped(decoder.step.id, decoder.step.topic, partition, cursor.offset, error);
        changes.push(undefined);
      }
    }
    return changes;
  };
}
