import { errorCode } from '../../protocol/errors.ts';
import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError } from './error-fields.ts';

/** AddOffsetsToTxn v0-4: announces that a group's offsets will be committed inside the transaction. */
export const addOffsetsToTxn = ({ transactions, groups }: ControlPlane): Api =>
  api('AddOffsetsToTxn', [0, 4], async (request, { apiVersion, access }) => {
    const { transactionalId, groupId } = request;
    if (!access.may('WRITE', 'TRANSACTIONAL_ID', transactionalId))
      return { errorCode: errorCode('TRANSACTIONAL_ID_AUTHORIZATION_FAILED') };
    if (!access.may('READ', 'GROUP', groupId)) return { errorCode: errorCode('GROUP_AUTHORIZATION_FAILED') };
    if (transactionalId === '') return { errorCode: errorCode('INVALID_REQUEST') };
    try {
      const { error } = await transactions.addPartitions(request, [groups.offsetsPartition(groupId)], 0);
      const isOld = error === 'PRODUCER_FENCED' && apiVersion < 2;
      return { errorCode: errorCode(isOld ? 'INVALID_PRODUCER_EPOCH' : error) };
    } catch (error) {
      return { errorCode: coordinatorError(error) };
    }
  });
