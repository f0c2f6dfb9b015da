import type { ShareFetchRequest } from '../../protocol/messages.gen.ts';
import { type Api, api, type RequestContext } from '../api.ts';
import type { ShareFetched } from '../share/share-fetcher.ts';
import {
  FINAL_EPOCH,
  INITIAL_EPOCH,
  placeKey,
  type SharePlace,
  type ShareSession,
} from '../share/share-sessions.ts';
import { coordinatorError, errorFields } from './error-fields.ts';
import { type AcknowledgeResult, acknowledgeAll, byTopicId } from './share-acknowledgements.ts';
import type { SharePlane } from './share-plane.ts';
import { mayReadTopic } from './shared.ts';

/**
 * ShareFetch v1 (KIP-932): records that now belong to this member for a while, after what it says about earlier ones.
 *
 * - Waits up to MaxWaitMs for MinBytes, woken by appends, releases and ends of holds; blocks only its connection.
 * - Epoch 0 begins a share session, -1 ends it; requests in between name only partitions that came or go.
 * - Only partitions with records, an error or acknowledgements are in the answer.
 */
export const shareFetch = (plane: SharePlane): Api =>
  api('ShareFetch', [1, 1], async (request, context) => {
    const groupId = request.groupId ?? '';
    const memberId = request.memberId ?? '';
    const { access } = context;
    if (!plane.isEnabled()) return errorFields('UNSUPPORTED_VERSION');
    if (!access.may('READ', 'GROUP', groupId)) return errorFields('GROUP_AUTHORIZATION_FAILED');
    const session = openSession(plane, { ...request, groupId, memberId }, context);
    if (typeof session === 'string') return errorFields(session);
    try {
      const acknowledged = await acknowledgeAll(plane, { groupId, memberId, access }, request.topics);
      const isFinal = request.shareSessionEpoch === FINAL_EPOCH;
      const fetched = isFinal ? [] : await fetch(plane, request, session, context);
      if (isFinal) plane.shareSessions.finish(groupId, memberId);
      return {
        acquisitionLockTimeoutMs: plane.shareSettings.fetches(groupId).lockMs,
        responses: byTopicId(joined(fetched, acknowledged)),
      };
    } catch (error) {
      return { errorCode: coordinatorError(error) };
    }
  });

function openSession(
  { shareSessions }: SharePlane,
  request: ShareFetchRequest & { readonly groupId: string; readonly memberId: string },
  { ended }: RequestContext,
) {
  const { groupId, memberId, shareSessionEpoch: epoch } = request;
  const named = placesOf(request);
  const acknowledges = request.topics.some(({ partitions }) =>
    partitions.some(({ acknowledgementBatches }) => acknowledgementBatches.length > 0),
  );
  if (epoch === INITIAL_EPOCH)
    return acknowledges ? 'INVALID_REQUEST' : shareSessions.begin(groupId, memberId, named, ended);
  if (epoch === FINAL_EPOCH && named.length > 0 && !acknowledges) return 'INVALID_REQUEST';
  const session = shareSessions.use(groupId, memberId, epoch);
  if (typeof session === 'string' || epoch === FINAL_EPOCH) return session;
  for (const place of named)
    if (!session.places.has(placeKey(place))) session.places.set(placeKey(place), place);
  for (const { topicId, partitions } of request.forgottenTopicsData)
    for (const partition of partitions) session.places.delete(placeKey({ topicId, partition }));
  return session;
}

function placesOf({ topics }: ShareFetchRequest): SharePlace[] {
  return topics.flatMap(({ topicId, partitions }) =>
    partitions.map(({ partitionIndex }) => ({ topicId, partition: partitionIndex })),
  );
}

async function fetch(
  plane: SharePlane,
  request: ShareFetchRequest,
  session: ShareSession,
  { access, ended, maxResponseBytes }: RequestContext,
): Promise<readonly ShareFetched[]> {
  const places: SharePlace[] = [];
  const refused: ShareFetched[] = [];
  for (const place of session.places.values()) {
    const topic = plane.registry.findById(place.topicId);
    if (topic === undefined || mayReadTopic(access, topic.name)) places.push(place);
    else refused.push({ place, error: 'TOPIC_AUTHORIZATION_FAILED', ranges: [], records: NO_RECORDS });
  }
  if (places.length === 0) return refused;
  const { groupId, memberId } = session;
  const { minBytes, maxWaitMs, maxRecords, batchSize } = request;
  const fetched = await plane.shareFetcher.fetch({
    ...{ groupId, memberId, places, minBytes, maxRecords, batchSize, ended },
    maxWaitMs: refused.length > 0 ? 0 : maxWaitMs,
    maxBytes: () => Math.min(request.maxBytes, plane.fetchMaxBytes, maxResponseBytes()),
    config: plane.shareSettings.fetches(groupId),
  });
  for (const { place } of fetched) moveToEnd(session, place);
  return [...refused, ...fetched];
}

/** A partition that gave something asks last the next time, so that a full answer starves none. */
function moveToEnd({ places }: ShareSession, place: SharePlace): void {
  if (places.delete(placeKey(place))) places.set(placeKey(place), place);
}

const NO_RECORDS = { length: 0, pieces: [] };

function joined(fetched: readonly ShareFetched[], acknowledged: readonly AcknowledgeResult[]) {
  const errors = new Map(acknowledged.map(({ place, error }) => [placeKey(place), error]));
  const known = new Set(fetched.map(({ place }) => placeKey(place)));
  const silent = acknowledged
    .filter(({ place }) => !known.has(placeKey(place)))
    .map(({ place }): ShareFetched => ({ place, error: 'NONE', ranges: [], records: NO_RECORDS }));
  return [...fetched, ...silent].map(({ place, error, ranges, records }) => {
    const acknowledgement = errorFields(errors.get(placeKey(place)) ?? 'NONE');
    const partition = {
      partitionIndex: place.partition,
      ...errorFields(error),
      acknowledgeErrorCode: acknowledgement.errorCode,
      acknowledgeErrorMessage: acknowledgement.errorMessage,
      records,
      acquiredRecords: ranges,
    };
    return [place, partition] as const;
  });
}
