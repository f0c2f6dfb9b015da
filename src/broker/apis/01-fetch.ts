import { Buffer } from 'node:buffer';
import type { Isolation } from '../../log/log-types.ts';
import type { Draft } from '../../protocol/draft.ts';
import { errorCode } from '../../protocol/errors.ts';
import type { FetchRequest, FetchResponse } from '../../protocol/messages.gen.ts';
import { toMessageSet } from '../../record/message-set.ts';
import type { Access } from '../access.ts';
import { type Api, api } from '../api.ts';
import { type FetchTarget, targetKey } from '../fetch/fetch-target.ts';
import { type FetchResult, readTargets, refusedTarget } from '../fetch/read-targets.ts';
import { waitForBytes } from '../fetch/wait-for-bytes.ts';
import type { DataPlane } from './data-plane.ts';
import { mayReadTopic } from './shared.ts';

type TopicResponse = Draft<FetchResponse['responses'][number]>;
type PartitionResponse = Draft<FetchResponse['responses'][number]['partitions'][number]>;
type Dependencies = Pick<DataPlane, 'topics' | 'clock' | 'fetchSessions' | 'fetchMaxBytes'>;

/** Older ones get message sets of magic 0, from v2 on of magic 1. */
const FIRST_VERSION_WITH_BATCHES = 4;
const FIRST_VERSION_WITH_TIMESTAMPS = 2;
const FIRST_VERSION_WITH_SESSIONS = 7;
const FIRST_VERSION_WITH_TOPIC_IDS = 13;

/**
 * Fetch v4-18: whole batches as they lie on disk, from the one that holds the asked offset on.
 * - Waits up to MaxWaitMs for MinBytes of durable (read_committed: decided) records; blocks only its connection.
 * - v7+ sessions (KIP-227), v9+ leader epochs (KIP-320), v12+ divergence, v13+ topics by id (KIP-516).
 * - v15-18 add what only replicas use.
 */
export const fetch = (deps: Dependencies): Api =>
  api('Fetch', [4, 18], async (request, { apiVersion, access, ended, maxResponseBytes }) => {
    const byId = apiVersion >= FIRST_VERSION_WITH_TOPIC_IDS;
    const context = deps.fetchSessions.open({
      sessionId: request.sessionId,
      sessionEpoch: apiVersion >= FIRST_VERSION_WITH_SESSIONS ? request.sessionEpoch : -1,
      byId,
      targets: targetsOf(request, byId),
      forgotten: forgottenBy(request, byId),
    });
    if (typeof context === 'string') return { errorCode: errorCode(context) };
    const isolation: Isolation = request.isolationLevel === 1 ? 'read_committed' : 'read_uncommitted';
    const { topics, clock } = deps;
    const { minBytes, maxWaitMs } = request;
    const refused = new Set(context.targets.filter((target) => !mayRead(deps, target, access)));
    const readable =
      refused.size === 0 ? context.targets : context.targets.filter((each) => !refused.has(each));
    await waitForBytes(readable, {
      minBytes: Math.min(minBytes, request.maxBytes),
      maxWaitMs,
      isolation,
      clock,
      topics,
      ended,
    });
    const maxBytes = Math.min(request.maxBytes, deps.fetchMaxBytes, maxResponseBytes());
    const found = await readTargets(readable, { topics, maxBytes, isolation });
    for (const target of refused) found.push(refusedTarget(target, 'TOPIC_AUTHORIZATION_FAILED'));
    const results = apiVersion < FIRST_VERSION_WITH_BATCHES ? found.map(oldMessages(apiVersion)) : found;
    return { sessionId: context.sessionId, responses: byTopic(context.select(results)) };
  });

/** Agents from before Kafka 0.11 cannot read batches: what was found for them, as they know it. */
function oldMessages(apiVersion: number) {
  const magic = apiVersion < FIRST_VERSION_WITH_TIMESTAMPS ? 0 : 1;
  return (result: FetchResult): FetchResult => {
    const { pieces } = result.records;
    if (pieces.length === 0) return result;
    const messages = toMessageSet(Buffer.concat(pieces), magic, result.target.fetchOffset);
    return { ...result, records: { length: messages.length, pieces: [messages] } };
  };
}

/** An id that no topic has is nobody's to hide. */
function mayRead({ topics }: Dependencies, { byId, topic, topicId }: FetchTarget, access: Access): boolean {
  const name = byId ? topics.findById(topicId)?.name : topic;
  return name === undefined || mayReadTopic(access, name);
}

function targetsOf(request: FetchRequest, byId: boolean): FetchTarget[] {
  return request.topics.flatMap(({ topic, topicId, partitions }) =>
    partitions.map(({ partition, fetchOffset, partitionMaxBytes, currentLeaderEpoch, lastFetchedEpoch }) => ({
      topic,
      topicId,
      byId,
      partition,
      fetchOffset,
      maxBytes: partitionMaxBytes,
      currentLeaderEpoch,
      lastFetchedEpoch,
    })),
  );
}

function forgottenBy(request: FetchRequest, byId: boolean): string[] {
  return request.forgottenTopicsData.flatMap(({ topic, topicId, partitions }) =>
    partitions.map((partition) => targetKey({ topic, topicId, byId, partition })),
  );
}

function byTopic(results: readonly FetchResult[]): TopicResponse[] {
  const partitions = new Map<string, PartitionResponse[]>();
  const topics: TopicResponse[] = [];
  for (const result of results) {
    const { topic, topicId, byId } = result.target;
    const key = byId ? topicId : topic;
    let list = partitions.get(key);
    if (list === undefined) {
      list = [];
      partitions.set(key, list);
      topics.push({ topic, topicId, partitions: list });
    }
    list.push(respond(result));
  }
  return topics;
}

function respond({ target, error, diverging, ...found }: FetchResult): PartitionResponse {
  return {
    partitionIndex: target.partition,
    errorCode: errorCode(error),
    highWatermark: found.highWatermark,
    lastStableOffset: found.lastStableOffset,
    logStartOffset: found.logStartOffset,
    abortedTransactions: found.abortedTransactions,
    records: found.records,
    ...(diverging !== null && { divergingEpoch: diverging }),
  };
}
