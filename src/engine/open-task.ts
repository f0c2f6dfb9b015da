import type { Clock } from '../base/clock.ts';
import { SerdeError } from '../serde/format.ts';
import type { Schemas } from '../serde/schemas.ts';
import type { Topics } from '../topics/topics.ts';
import { Inputs } from './inputs.ts';
import { SourceDecoder } from './operators/source.ts';
import { PartitionReader, type PartitionReaderOptions } from './partition-reader.ts';
import type { QuerySession } from './query-session.ts';
import type { RoundOutput } from './round-output.ts';
import { SchemaGate } from './schema-gate.ts';
import type { SharedInput, SharedSources } from './shared-sources.ts';
import type { StartingPoint } from './starting-point.ts';
import { Task, type TaskOptions } from './task.ts';
import type { SourceNode, Topology } from './topology.ts';

const MOST_CHUNK_BYTES = 1024 * 1024;
const LEAST_CHUNK_BYTES = 64 * 1024;
/** Two chunks per partition may be held: one being processed, one read ahead. */
const READ_AHEAD_BYTES = 32 * 1024 * 1024;

export interface OpenTaskOptions
  extends Pick<
    TaskOptions,
    | 'changelogs'
    | 'commit'
    | 'commitIntervalMs'
    | 'isHelpingFull'
    | 'nextTurn'
    | 'onCommitted'
    | 'onEnd'
    | 'pace'
    | 'prepare'
    | 'trimState'
    | 'watch'
  > {
  readonly topics: Topics;
  readonly clock: Clock;
  readonly topology: Topology;
  readonly session: QuerySession;
  readonly output: RoundOutput;
  readonly points: readonly StartingPoint[];
  readonly sharedSources: SharedSources;
  /** Of a table's partition: what lies below is read in silence. */
  readonly quietBelow?: (point: StartingPoint) => number;
  readonly schemas: Schemas;
  readonly onGap: (topic: string, partition: number, fromOffset: number, toOffset: number) => void;
}

/** Connects a topology to its topics' partitions, from the given offsets on. */
export function openTask(options: OpenTaskOptions): Task {
  const { topics, points, topology } = options;
  const maxBytes = Math.max(
    LEAST_CHUNK_BYTES,
    Math.min(MOST_CHUNK_BYTES, Math.floor(READ_AHEAD_BYTES / 2 / points.length)),
  );
  const readers: PartitionReader[] = [];
  const inputs: SharedInput[] = [];
  for (const nodes of byTopic(topology.sources)) {
    const { topic } = (nodes[0] as SourceNode).step;
    const steps = nodes.map(({ step }) => step);
    const consumers = nodes.map(({ consume }) => consume);
    const timestampOf = points.length > 1 ? timestampReaderOf(nodes, options.schemas) : undefined;
    const own = points.filter((candidate) => candidate.topic === topic);
    const shared = joinShared(nodes, own, options.sharedSources);
    if (shared) inputs.push(shared.input);
    for (const point of own)
      readers.push(
        new PartitionReader({
          topics,
          topic,
          partition: point.partition,
          offset: point.offset,
          maxBytes,
          consumers,
          timestampOf,
          gate: SchemaGate.of(steps, options.schemas),
          shared,
          quietBelow: nodes[0]?.table ? (options.quietBelow?.(point) ?? 0) : 0,
          onGap: (fromOffset, toOffset) => options.onGap(topic, point.partition, fromOffset, toOffset),
        }),
      );
  }
  const onClose = () => {
    for (const input of inputs) input.leave();
  };
  return new Task({ ...options, inputs: new Inputs(topics, readers, onClose) });
}

/** A topic that the query reads as one stream is read and decoded together with other queries that do. */
function joinShared(
  [node, ...others]: readonly SourceNode[],
  [point]: readonly StartingPoint[],
  sources: SharedSources,
): PartitionReaderOptions['shared'] {
  if (!node?.shared || others.length > 0 || !point) return undefined;
  const { paths, run } = node.shared;
  return { input: sources.join(node.step, point.topicId, paths), run };
}

/** Sources of one topic share its readers, since a query has one position per partition. */
function byTopic(sources: readonly SourceNode[]): Iterable<SourceNode[]> {
  return Map.groupBy(sources, ({ step }) => step.topic).values();
}

/** Of records whose time is in a column, by which several partitions are put in order; undefined where it is their own. */
function timestampReaderOf(
  nodes: readonly SourceNode[],
  schemas: Schemas,
): PartitionReaderOptions['timestampOf'] {
  const step = nodes.map((node) => node.step).find(({ timestamp }) => timestamp);
  if (!step) return undefined;
  const decoder = new SourceDecoder({ ...step, used: [], pseudo: [] }, schemas);
  return (cursor) => {
    try {
      return decoder.decode(cursor, -1).timestampMs;
    } catch (error) {
      // It will be skipped, and reported, when its turn comes.
      if (!(error instanceof SerdeError)) throw error;
      return cursor.timestampMs;
    }
  };
}
