import { type Api, api } from '../api.ts';
import { FINAL_EPOCH, INITIAL_EPOCH } from '../share/share-sessions.ts';
import { coordinatorError, errorFields } from './error-fields.ts';
import { acknowledgeAll, byTopicId } from './share-acknowledgements.ts';
import type { SharePlane } from './share-plane.ts';

/**
 * ShareAcknowledge v1 (KIP-932): what became of records a member holds, within its share session. Answers when that is
 * durable; epoch -1 ends the session and gives back everything else the member holds.
 */
export const shareAcknowledge = (plane: SharePlane): Api =>
  api('ShareAcknowledge', [1, 1], async (request, { access }) => {
    const { shareSessionEpoch: epoch } = request;
    const groupId = request.groupId ?? '';
    const memberId = request.memberId ?? '';
    if (!plane.isEnabled()) return errorFields('UNSUPPORTED_VERSION');
    if (!access.may('READ', 'GROUP', groupId)) return errorFields('GROUP_AUTHORIZATION_FAILED');
    if (epoch === INITIAL_EPOCH) return errorFields('INVALID_SHARE_SESSION_EPOCH');
    const session = plane.shareSessions.use(groupId, memberId, epoch);
    if (typeof session === 'string') return errorFields(session);
    try {
      const results = await acknowledgeAll(plane, { groupId, memberId, access }, request.topics);
      if (epoch === FINAL_EPOCH) plane.shareSessions.finish(groupId, memberId);
      return {
        responses: byTopicId(
          results.map(({ place, error }) => [
            place,
            { partitionIndex: place.partition, ...errorFields(error) },
          ]),
        ),
      };
    } catch (error) {
      return { errorCode: coordinatorError(error) };
    }
  });
