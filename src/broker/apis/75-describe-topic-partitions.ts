import { errorCode } from '../../protocol/errors.ts';
import { type Api, api } from '../api.ts';
import { authorizedOperations } from './authorized-operations.ts';
import type { DataPlane } from './data-plane.ts';
import { missingTopicError, partitionNumbers } from './shared.ts';

/**
 * DescribeTopicPartitions v0 (KIP-966): topics by name, in order of names, at most `responsePartitionLimit`
 * partitions at a time; the answer's cursor says where the next request goes on. No names: all topics.
 */
export const describeTopicPartitions = ({
  topics,
  node,
  maxDescribedPartitions,
}: Pick<DataPlane, 'topics' | 'node' | 'maxDescribedPartitions'>): Api =>
  api('DescribeTopicPartitions', [0, 0], (request, { access }) => {
    const { cursor } = request;
    const visible = () => topics.list().filter(({ name }) => access.may('DESCRIBE', 'TOPIC', name, 'quiet'));
    const asked = request.topics.length > 0 ? request.topics : visible();
    const names = [...new Set(asked.map(({ name }) => name))]
      .filter((name) => cursor === null || name >= cursor.topicName)
      .sort();
    let room = Math.max(1, Math.min(request.responsePartitionLimit, maxDescribedPartitions));
    const responses = [];
    for (const name of names) {
      if (!access.may('DESCRIBE', 'TOPIC', name)) {
        responses.push({ name, errorCode: errorCode('TOPIC_AUTHORIZATION_FAILED') });
        continue;
      }
      const topic = topics.find(name);
      if (topic === undefined) {
        responses.push({ name, errorCode: errorCode(missingTopicError(name)) });
        continue;
      }
      const first = cursor?.topicName === name ? Math.max(0, cursor.partitionIndex) : 0;
      if (room === 0) return { topics: responses, nextCursor: { topicName: name, partitionIndex: first } };
      const numbers = partitionNumbers(topic).slice(first, first + room);
      room -= numbers.length;
      responses.push({
        name,
        topicId: topic.topicId,
        isInternal: topic.internal,
        topicAuthorizedOperations: authorizedOperations('topic', true, access, name),
        partitions: numbers.map((partitionIndex) => ({
          partitionIndex,
          leaderId: node.nodeId,
          leaderEpoch: topics.partitionLog(name, partitionIndex)?.leaderEpoch ?? -1,
          replicaNodes: [node.nodeId],
          isrNodes: [node.nodeId],
          eligibleLeaderReplicas: [],
          lastKnownElr: [],
        })),
      });
      const next = first + numbers.length;
      if (next < topic.partitionCount)
        return { topics: responses, nextCursor: { topicName: name, partitionIndex: next } };
    }
    return { topics: responses };
  });
