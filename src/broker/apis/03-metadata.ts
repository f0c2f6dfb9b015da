import { ZERO_UUID } from '../../protocol/defaults.ts';
import type { Draft } from '../../protocol/draft.ts';
import { type ErrorName, errorByName, errorCode } from '../../protocol/errors.ts';
import type { MetadataRequest, MetadataResponse } from '../../protocol/messages.gen.ts';
import { type TopicDescription, TopicError } from '../../topics/topics.ts';
import { type Api, api } from '../api.ts';
import { authorizedOperations } from './authorized-operations.ts';
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
  api('Metadata', [0, 13], async (request, { apiVersion, listener }) => {
    const { clusterId, nodeId } = deps.node;
    return {
      brokers: [{ nodeId, ...listener }],
      clusterId,
      controllerId: nodeId,
      topics: await describeTopics(deps, request, apiVersion),
      clusterAuthorizedOperations: authorizedOperations(
        'cluster',
        request.includeClusterAuthorizedOperations,
      ),
    };
  });

async function describeTopics(
  deps: Dependencies,
  request: MetadataRequest,
  version: number,
): Promise<TopicResponse[]> {
  const { topics, includeTopicAuthorizedOperations } = request;
  const operations = authorizedOperations('topic', includeTopicAuthorizedOperations);
  const describe = (topic: TopicDescription) => described(deps, topic, operations);
  if (topics === null || (version === 0 && topics.length === 0)) return deps.topics.list().map(describe);
  const mayCreate = version < FIRST_VERSION_WITH_ALLOW_AUTO_CREATION || request.allowAutoTopicCreation;
  const responses: TopicResponse[] = [];
  for (const { name, topicId } of topics) {
    // A name may come along with an id, empty or not: the id counts.
    const isById = name === null || topicId !== ZERO_UUID;
    if (isById && version < FIRST_VERSION_WITH_LOOKUP_BY_ID) responses.push(unknown('', 'INVALID_REQUEST'));
    else if (isById) responses.push(byId(deps, topicId, describe));
    else responses.push(await byName(deps, name, mayCreate, describe));
  }
  return responses;
}

type Describe = (topic: TopicDescription) => TopicResponse;

function byId(deps: Dependencies, topicId: string, describe: Describe): TopicResponse {
  const topic = deps.topics.findById(topicId);
  return topic === undefined
    ? { errorCode: errorCode('UNKNOWN_TOPIC_ID'), name: null, topicId }
    : describe(topic);
}

async function byName(
  deps: Dependencies,
  name: string,
  mayCreate: boolean,
  describe: Describe,
): Promise<TopicResponse> {
  const topic = deps.topics.find(name);
  if (topic !== undefined) return describe(topic);
  if (!mayCreate) return unknown(name, missingTopicError(name));
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
