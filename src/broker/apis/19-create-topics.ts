import { errorCode } from '../../protocol/errors.ts';
import type { CreateTopicsRequest } from '../../protocol/messages.gen.ts';
import { CLUSTER_NAME } from '../access.ts';
import { type Api, api } from '../api.ts';
import { describeTopic } from '../config/describe-configs.ts';
import type { CreateResult, TopicToCreate, Verdict } from '../metadata/metadata-calls.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError, errorFields } from './error-fields.ts';
import { replicasProblem } from './manual-assignment.ts';
import { MutationCharge } from './mutation-quota.ts';

/** From here on a client knows THROTTLING_QUOTA_EXCEEDED (KIP-599). */
const FIRST_STRICT_VERSION = 6;

type RequestedTopic = CreateTopicsRequest['topics'][number];

/**
 * CreateTopics v2-7: durable when answered; one verdict per topic.
 *
 * - -1 partitions or replicas take the broker's default (KIP-464). A replica assignment must name this node only.
 * - validateOnly does everything but the effect. v5+ tells the configuration (KIP-525), v7 the topic id.
 */
export const createTopics = ({ registry, settings, node }: ControlPlane): Api =>
  api('CreateTopics', [2, 7], async ({ topics, validateOnly }, context) => {
    const { access } = context;
    const charge = new MutationCharge(context, FIRST_STRICT_VERSION);
    const refused = new Map<RequestedTopic, Verdict>();
    const mayCreateAll = access.may('CREATE', 'CLUSTER', CLUSTER_NAME, 'quiet');
    for (const topic of topics) {
      const problem: Verdict | undefined =
        mayCreateAll || access.may('CREATE', 'TOPIC', topic.name)
          ? requestProblem(topic, topics, node.nodeId)
          : { error: 'TOPIC_AUTHORIZATION_FAILED', message: 'Authorization failed.' };
      const refusal = problem ?? (validateOnly ? undefined : charge.refusal(partitionsOf(topic)));
      if (refusal !== undefined) refused.set(topic, refusal);
    }
    const { throttleTimeMs } = charge;
    const wanted = topics.filter((topic) => !refused.has(topic)).map(toCreate);
    try {
      const results = (await registry.createTopics(wanted, validateOnly)).values();
      return {
        throttleTimeMs,
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

    function partitionsOf({ assignments, numPartitions }: RequestedTopic): number {
      return assignments.length || (numPartitions > 0 ? numPartitions : settings.number('num.partitions'));
    }

    function describe({ name, error, message, topic }: CreateResult) {
      if (topic === undefined) return { name, ...errorFields(error, message) };
      if (!access.may('DESCRIBE_CONFIGS', 'TOPIC', name, 'quiet'))
        return {
          name,
          ...errorFields('NONE'),
          topicId: topic.topicId,
          topicConfigErrorCode: errorCode('TOPIC_AUTHORIZATION_FAILED'),
          numPartitions: -1,
          replicationFactor: -1,
          configs: null,
        };
      return {
        name,
        ...errorFields('NONE'),
        topicId: topic.topicId,
        numPartitions: topic.partitionCount,
        replicationFactor: topic.replicationFactor,
        configs: describeTopic(settings, Object.fromEntries(topic.config)).map(
          ({ name: config, value, readOnly, configSource, isSensitive }) => ({
            name: config,
            value,
            readOnly,
            configSource,
            isSensitive,
          }),
        ),
      };
    }
  });

function requestProblem(
  topic: RequestedTopic,
  topics: readonly RequestedTopic[],
  nodeId: number,
): Verdict | undefined {
  if (topics.some((other) => other !== topic && other.name === topic.name))
    return { error: 'INVALID_REQUEST', message: 'Duplicate topic name.' };
  const unset = topic.configs.filter(({ value }) => value === null).map(({ name }) => name);
  if (unset.length > 0)
    return {
      error: 'INVALID_CONFIG',
      message: `Null value not supported for topic configs: ${unset.join(',')}`,
    };
  return assignmentProblem(topic, nodeId);
}

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
  const isTwice = (field: string): Verdict => ({
    error: 'INVALID_REQUEST',
    message: `A manual partition assignment was specified, but ${field} was not set to -1.`,
  });
  if (replicationFactor !== -1) return isTwice('replication factor');
  if (numPartitions !== -1) return isTwice('numPartitions');
  const refuse = (message: string): Verdict => ({ error: 'INVALID_REPLICA_ASSIGNMENT', message });
  const assigned = new Set<number>();
  let replicaCount: number | undefined;
  for (const { partitionIndex, brokerIds } of assignments) {
    if (assigned.has(partitionIndex))
      return refuse(`Found multiple manual partition assignments for partition ${partitionIndex}`);
    assigned.add(partitionIndex);
    const problem = replicasProblem(brokerIds, nodeId, replicaCount);
    if (problem !== undefined) return refuse(problem);
    replicaCount = brokerIds.length;
  }
  const isConsecutive = assignments.every((_, index) => assigned.has(index));
  return isConsecutive ? undefined : refuse('partitions should be a consecutive 0-based integer sequence');
}
