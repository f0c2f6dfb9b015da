import type { CreateTopicsRequest } from '../../protocol/messages.gen.ts';
import { type Api, api } from '../api.ts';
import { TOPIC_CONFIGS } from '../config/topic-configs.ts';
import type { CreateResult, TopicToCreate, Verdict } from '../metadata/metadata-calls.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError, errorFields } from './error-fields.ts';

type RequestedTopic = CreateTopicsRequest['topics'][number];

/**
 * CreateTopics v2-7: durable when answered; one verdict per topic.
 *
 * - -1 partitions or replicas take the broker's default (KIP-464). A replica assignment must name this node only.
 * - validateOnly does everything but the effect. v5+ tells the configuration (KIP-525), v7 the topic id.
 */
export const createTopics = ({ registry, settings, node }: ControlPlane): Api =>
  api('CreateTopics', [2, 7], async ({ topics, validateOnly }) => {
    const refused = new Map<RequestedTopic, Verdict>();
    for (const topic of topics) {
      const problem = assignmentProblem(topic, node.nodeId);
      if (problem !== undefined) refused.set(topic, problem);
    }
    const wanted = topics.filter((topic) => !refused.has(topic)).map(toCreate);
    try {
      const results = (await registry.createTopics(wanted, validateOnly)).values();
      return {
        topics: topics.map((topic) => {
          const verdict = refused.get(topic);
          if (verdict !== undefined)
            return { name: topic.name, ...errorFields(verdict.error, verdict.message) };
          return describe(results.next().value!);
        }),
      };
    } catch (error) {
      return { topics: topics.map(({ name }) => ({ name, errorCode: coordinatorError(error) })) };
    }

    function describe({ name, error, message, topic }: CreateResult) {
      if (topic === undefined) return { name, ...errorFields(error, message) };
      return {
        name,
        ...errorFields('NONE'),
        topicId: topic.topicId,
        numPartitions: topic.partitionCount,
        replicationFactor: topic.replicationFactor,
        configs: [...TOPIC_CONFIGS.values()].map((definition) => {
          const { value, source } = settings.topicChain(definition, topic)[0]!;
          return { name: definition.name, value, configSource: source };
        }),
      };
    }
  });

function toCreate(topic: RequestedTopic): TopicToCreate {
  const assigned = topic.assignments.length;
  return {
    name: topic.name,
    partitionCount: assigned > 0 ? assigned : topic.numPartitions === -1 ? null : topic.numPartitions,
    replicationFactor: assigned > 0 || topic.replicationFactor === -1 ? null : topic.replicationFactor,
    config: new Map(topic.configs.flatMap(({ name, value }) => (value === null ? [] : [[name, value]]))),
  };
}

function assignmentProblem(topic: RequestedTopic, nodeId: number): Verdict | undefined {
  const { assignments, numPartitions, replicationFactor } = topic;
  if (assignments.length === 0) return undefined;
  if (numPartitions !== -1 || replicationFactor !== -1) {
    const field = numPartitions !== -1 ? 'numPartitions' : 'replicationFactor';
    const message = `A manual partition assignment was specified, but ${field} was not set to -1.`;
    return { error: 'INVALID_REQUEST', message };
  }
  const indexes = assignments.map(({ partitionIndex }) => partitionIndex).sort((a, b) => a - b);
  if (indexes.some((index, position) => index !== position))
    return {
      error: 'INVALID_REPLICA_ASSIGNMENT',
      message: 'partitions should be a consecutive 0-based integer sequence',
    };
  const isHere = assignments.every(({ brokerIds }) => brokerIds.length === 1 && brokerIds[0] === nodeId);
  if (isHere) return undefined;
  const message = `The manual partition assignment must name the one broker, ${nodeId}, for each partition.`;
  return { error: 'INVALID_REPLICA_ASSIGNMENT', message };
}
