import type { ErrorName } from '../../protocol/errors.ts';
import type { ShareAcknowledgeRequest } from '../../protocol/messages.gen.ts';
import type { Access } from '../access.ts';
import { areWellFormed } from '../share/acknowledgement-check.ts';
import type { SharePlace } from '../share/share-sessions.ts';
import type { SharePlane } from './share-plane.ts';
import { missingLogError } from './shared.ts';

export interface AcknowledgeResult {
  readonly place: SharePlace;
  readonly error: ErrorName;
}

type Topics = ShareAcknowledgeRequest['topics'];

/** What a request acknowledges, partition by partition; each stands or falls for itself. */
export function acknowledgeAll(
  plane: Pick<SharePlane, 'registry' | 'shares'>,
  {
    groupId,
    memberId,
    access,
  }: { readonly groupId: string; readonly memberId: string; readonly access: Access },
  topics: Topics,
): Promise<AcknowledgeResult[]> {
  const { registry, shares } = plane;
  const acknowledge = async (
    { topicId, partition }: SharePlace,
    batches: Topics[number]['partitions'][number]['acknowledgementBatches'],
  ): Promise<ErrorName> => {
    const topic = registry.findById(topicId);
    if (topic === undefined) return 'UNKNOWN_TOPIC_ID';
    if (!access.may('READ', 'TOPIC', topic.name)) return 'TOPIC_AUTHORIZATION_FAILED';
    if (registry.partitionLog(topic.name, partition) === undefined)
      return missingLogError(registry, topic.name, partition);
    const acknowledgements = batches.map(({ acknowledgeTypes: types, firstOffset, lastOffset }) => ({
      ...{ firstOffset, lastOffset, types },
    }));
    if (!areWellFormed(acknowledgements)) return 'INVALID_REQUEST';
    const key = { groupId, topicId, partition };
    return (await shares.call('acknowledge', { key, memberId, acknowledgements })).error;
  };
  return Promise.all(
    topics.flatMap(({ topicId, partitions }) =>
      partitions
        .filter(({ acknowledgementBatches }) => acknowledgementBatches.length > 0)
        .map(async ({ partitionIndex, acknowledgementBatches }) => {
          const place = { topicId, partition: partitionIndex };
          return { place, error: await acknowledge(place, acknowledgementBatches) };
        }),
    ),
  );
}

/** Partitions under their topics, as responses have them. */
export function byTopicId<Partition>(
  items: readonly (readonly [place: SharePlace, partition: Partition])[],
): { topicId: string; partitions: Partition[] }[] {
  const topics = new Map<string, Partition[]>();
  for (const [{ topicId }, partition] of items) {
    const list = topics.get(topicId);
    if (list === undefined) topics.set(topicId, [partition]);
    else list.push(partition);
  }
  return [...topics].map(([topicId, partitions]) => ({ topicId, partitions }));
}
