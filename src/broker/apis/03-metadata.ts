import { ZERO_UUID } from '../../protocol/defaults.ts';
import type { Draft } from '../../protocol/draft.ts';
import { type ErrorName, errorByName, errorCode } from '../../protocol/errors.ts';
import type { MetadataRequest, MetadataResponse } from '../../protocol/messages.gen.ts';
import { type TopicDescription, TopicError } from '../../topics/topics.ts';
import { type Access, CLUSTER_NAME } from '../access.ts';
import { type Api, api } from '../api.ts';
import { authorizedOperations, clusterOperations } from './authorized-operations.ts';
import type { DataPlane } from './data-plane.ts';
import { missingTopicError, partitionNumbers } from './shared.ts';

type TopicResponse = Draft<MetadataResponse['topics'][number]>;
type Dependencies = Pick<DataPlane, 'topics' | 'node'>;

const FIRST_VERSION_WITH_ALLOW_AUTO_CREATION = 4;
/** v10 and v11 have the field but Kafka refuses to look up by it. */
const FIRST_VERSION_WITH_LOOKUP_BY_ID = 12;

/**
 * Metadata v0-13: this one broker leads everything.
 * - v0: an empty list asks for all topics; v1+: null asks for all, an empty list for none.
 * - Unknown topics are created when the server allows it and the client does not forbid it (v4+).
 * - v10+ tells topic ids; v12+ may ask by id, of which an unknown one is never created.
 */
export const metadata = (deps: Dependencies): Api =>
  api('Metadata', [0, 13], async (request, { apiVersion, listener, access }) => {
    const { clusterId, nodeId } = deps.node;
    return {
      brokers: [{ nodeId, ...listener }],
      clusterId,
      controllerId: nodeId,
      topics: await describeTopics(deps, request, apiVersion, access),
      clusterAuthorizedOperations: clusterOperations(request.includeClusterAuthorizedOperations, access),
    };
  });

async function describeTopics(
  deps: Dependencies,
  request: MetadataRequest,
  version: number,
  access: Access,
): Promise<TopicResponse[]> {
  const { topics, includeTopicAuthorizedOperations: wanted } = request;
  const describe = (topic: TopicDescription) =>
    described(deps, topic, authorizedOperations('topic', wanted, access, topic.name));
  // Nobody hears of topics he may not know and has not named.
  if (topics === null || (version === 0 && topics.length === 0)) {
    const visible = deps.topics.list().filter(({ name }) => access.may('DESCRIBE', 'TOPIC', name, 'quiet'));
    return visible.map(describe);
  }
  const mayCreate = version < FIRST_VERSION_WITH_ALLOW_AUTO_CREATION || request.allowAutoTopicCreation;
  const responses: TopicResponse[] = [];
  for (const { name, topicId } of topics) {
    // A name may come along with an id, empty or not: the id counts.
    const isById = name === null || topicId !== ZERO_UUID;
    if (isById && version < FIRST_VERSION_WITH_LOOKUP_BY_ID) responses.push(unknown('', 'INVALID_REQUEST'));
    else if (isById) responses.push(byId(deps, topicId, access, describe));
    else responses.push(await byName(deps, name, mayCreate, access, describe));
  }
  return responses;
}

type Describe = (topic: TopicDescription) => TopicResponse;

function byId(deps: Dependencies, topicId: string, access: Access, describe: Describe): TopicResponse {
  const topic = deps.topics.findById(topicId);
  if (topic === undefined) return { errorCode: errorCode('UNKNOWN_TOPIC_ID'), name: null, topicId };
  // An id gives nothing away, the name that goes with it does.
  if (!access.may('DESCRIBE', 'TOPIC', topic.name))
    return { errorCode: errorCode('TOPIC_AUTHORIZATION_FAILED'), name: null, topicId };
  return describe(topic);
}

async function byName(
  deps: Dependencies,
  name: string,
  mayCreate: boolean,
  access: Access,
  describe: Describe,
): Promise<TopicResponse> {
  if (!access.may('DESCRIBE', 'TOPIC', name)) return unknown(name, 'TOPIC_AUTHORIZATION_FAILED');
  const topic = deps.topics.find(name);
  if (topic !== undefined) return describe(topic);
  if (!mayCreate) return unknown(name, missingTopicError(name));
  if (!access.may('CREATE', 'CLUSTER', CLUSTER_NAME, 'quiet') && !access.may('CREATE', 'TOPIC', name))
    return unknown(name, 'TOPIC_AUTHORIZATION_FAILED');
  try {
    return describe(await deps.topics.autoCreate(name));
  } catch (error) {
    if (error instanceof TopicError) return unknown(name, error.code as ErrorName);
    throw error;
  }
}

function unknown(name: string, error: ErrorName): TopicResponse {
  return { errorCode: errorByName(error).code, name };
}

function described(
  { node, topics }: Dependencies,
  topic: TopicDescription,
  topicAuthorizedOperations: number,
): TopicResponse {
  return {
    name: topic.name,
    topicId: topic.topicId,
    isInternal: topic.internal,
    topicAuthorizedOperations,
    partitions: partitionNumbers(topic).map((partitionIndex) => ({
      partitionIndex,
      leaderId: node.nodeId,
      leaderEpoch: topics.partitionLog(topic.name, partitionIndex)?.leaderEpoch ?? -1,
      replicaNodes: [node.nodeId],
      isrNodes: [node.nodeId],
    })),
  };
}
