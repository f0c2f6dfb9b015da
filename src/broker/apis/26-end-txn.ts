import { errorCode } from '../../protocol/errors.ts';
import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError } from './error-fields.ts';

/** KIP-890: its clients go on under the producer id and epoch of the answer. */
const FIRST_VERSION_WITH_BUMP = 5;

/**
 * EndTxn v0-5: decides a transaction; its outcome is visible when answered. A retry with the same outcome succeeds.
 *
 * - v5 also raises the producer's epoch, or gives it a new id when its epochs are used up.
 */
export const endTxn = ({ transactions }: ControlPlane): Api =>
  api('EndTxn', [0, 5], async (request, { apiVersion, access }) => {
    const { transactionalId, committed } = request;
    if (!access.may('WRITE', 'TRANSACTIONAL_ID', transactionalId))
      return { errorCode: errorCode('TRANSACTIONAL_ID_AUTHORIZATION_FAILED') };
    if (transactionalId === '') return { errorCode: errorCode('INVALID_REQUEST') };
    const version = apiVersion < FIRST_VERSION_WITH_BUMP ? 0 : 2;
    try {
      const reply = await transactions.end(request, committed ? 'commit' : 'abort', version);
      const { error, producerId, producerEpoch } = reply;
      if (error === 'NONE') return { errorCode: 0, producerId, producerEpoch };
      const isOld = error === 'PRODUCER_FENCED' && apiVersion < 2;
      return { errorCode: errorCode(isOld ? 'INVALID_PRODUCER_EPOCH' : error) };
    } catch (error) {
      return { errorCode: coordinatorError(error) };
    }
  });
