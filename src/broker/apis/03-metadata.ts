import type { Draft } from '../../protocol/draft.ts';
import { type ErrorName, errorByName, errorCode } from '../../protocol/errors.ts';
import type { MetadataRequest, MetadataResponse } from '../../protocol/messages.gen.ts';
import { type TopicDescription, TopicError } from '../../topics/topics.ts';
import { type Api, api } from '../api.ts';
import type { DataPlane } from './data-plane.ts';
import { partitionNumbers, UNKNOWN_OPERATIONS } from './shared.ts';

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
    };
  });

async function describeTopics(
  deps: Dependencies,
  request: MetadataRequest,
  version: number,
): Promise<TopicResponse[]> {
  const { topics } = request;
  if (topics === null || (version === 0 && topics.length === 0))
    return deps.topics.list().map((topic) => described(deps, topic));
  const mayCreate = version < FIRST_VERSION_WITH_ALLOW_AUTO_CREATION || request.allowAutoTopicCreation;
  const responses: TopicResponse[] = [];
  for (const { name, topicId } of topics) {
    if (name === null && version < FIRST_VERSION_WITH_LOOKUP_BY_ID)
      responses.push(unknown('', 'INVALID_REQUEST'));
    else if (name === null) responses.push(byId(deps, topicId));
    else responses.push(await byName(deps, name, mayCreate));
  }
  return responses;
}

function byId(deps: Dependencies, topicId: string): TopicResponse {
  const topic = deps.topics.findById(topicId);
  return topic === undefined
    ? { errorCode: errorCode('UNKNOWN_TOPIC_ID'), name: null, topicId }
    : described(deps, topic);
}

async function byName(deps: Dependencies, name: string, mayCreate: boolean): Promise<TopicResponse> {
  const topic = deps.topics.find(name);
  if (topic !== undefined) return described(deps, topic);
  if (!mayCreate) return unknown(name, 'UNKNOWN_TOPIC_OR_PARTITION');
  try {
    return described(deps, await deps.topics.autoCreate(name));
  } catch (error) {
    if (error instanceof TopicError) return unknown(name, error.code as ErrorName);
    throw error;
  }
}

function unknown(name: string, error: ErrorName): TopicResponse {
  return { errorCode: errorByName(error).code, name };
}

function described({ node, topics }: Dependencies, topic: TopicDescription): TopicResponse {
  return {
    name: topic.name,
    topicId: topic.topicId,
    isInternal: topic.internal,
    topicAuthorizedOperations: UNKNOWN_OPERATIONS,
    partitions: partitionNumbers(topic).map((partitionIndex) => ({
      partitionIndex,
      leaderId: node.nodeId,
      leaderEpoch: topics.partitionLog(topic.name, partitionIndex)?.leaderEpoch ?? -1,
      replicaNodes: [node.nodeId],
      isrNodes: [node.nodeId],
    })),
  };
}
