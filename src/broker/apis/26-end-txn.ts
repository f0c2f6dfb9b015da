import { errorCode } from '../../protocol/errors.ts';
import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError } from './error-fields.ts';

/**
 * EndTxn v0-4: decides a transaction; its outcome is visible when answered. A retry with the same outcome succeeds.
 *
 * Left out: v5, the epoch bump of each transaction (KIP-890 part 2), which no client uses unless the feature
 * transaction.version=2 is announced.
 */
export const endTxn = ({ transactions }: ControlPlane): Api =>
  api('EndTxn', [0, 4], async (request, { apiVersion }) => {
    try {
      const error = await transactions.end(request, request.committed ? 'commit' : 'abort');
      const isOld = error === 'PRODUCER_FENCED' && apiVersion < 2;
      return { errorCode: errorCode(isOld ? 'INVALID_PRODUCER_EPOCH' : error) };
    } catch (error) {
      return { errorCode: coordinatorError(error) };
    }
  });
