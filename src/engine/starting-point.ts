import type { Position, TopicDescription, TopicPartition, Topics } from '../topics/topics.ts';
import { LastingError } from './lasting-error.ts';
import type { SourceNode } from './topology.ts';

/** Where a task begins to read a partition. */
export interface StartingPoint extends TopicPartition {
  readonly topicId: string;
  readonly offset: number;
  readonly logStartOffset: number;
  readonly lastStableOffset: number;
  /** False: no position was committed before. */
  readonly isCommitted: boolean;
}

/**
 * The committed position; else, for streams, what auto.offset.reset says. A table is always read from its beginning:
 * half a table would give wrong joins and wrong sums. So are partitions that were added to a topic later.
 */
export async function startingPoints(
  topics: Topics,
  sources: readonly SourceNode[],
  committed: readonly Position[],
  reset: 'earliest' | 'latest',
): Promise<StartingPoint[]> {
  const names = [...new Set(sources.map(({ step }) => step.topic))];
  const described = await topics.describe(names);
  const points: Promise<StartingPoint>[] = [];
  for (const topic of names) {
    const description = described.find(({ name }) => name === topic);
    if (!description) throw new LastingError(`Topic '${topic}' does not exist.`);
    const isTable = sources.some(({ step, table }) => table && step.topic === topic);
    const isKnown = committed.some((position) => position.topic === topic);
    const fromStart = isTable || isKnown || reset === 'earliest';
    for (let partition = 0; partition < description.partitionCount; partition++) {
      const position = committed.find((p) => p.topic === topic && p.partition === partition);
      points.push(startingPoint(topics, description, partition, position, fromStart));
    }
  }
  return Promise.all(points);
}

async function startingPoint(
  topics: Topics,
  { name: topic, topicId }: TopicDescription,
  partition: number,
  committed: Position | undefined,
  fromStart: boolean,
): Promise<StartingPoint> {
  const { logStartOffset, lastStableOffset } = await topics.offsets({ topic, partition });
  const offset = committed?.offset ?? (fromStart ? logStartOffset : lastStableOffset);
  return {
    topic,
    topicId,
    partition,
    offset,
    logStartOffset,
    lastStableOffset,
    isCommitted: committed !== undefined,
  };
}
