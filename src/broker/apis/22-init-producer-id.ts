import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { type Access, CLUSTER_NAME } from '../access.ts';
import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError } from './error-fields.ts';

/**
 * InitProducerId v0-5 (v6 is unstable in 4.1): every idempotent producer begins with it.
 *
 * - Without a transactional id: a new producer id, never given out before, also after a crash.
 * - With one: takes it over. Kafka lets the client ask again (CONCURRENT_TRANSACTIONS) while the earlier owner's
 *   transaction ends; here the answer waits for that.
 * - v3+ resumes with the id and epoch the producer had (KIP-360). Clients before v4 do not know PRODUCER_FENCED.
 */
export const initProducerId = ({ transactions }: ControlPlane): Api =>
  api('InitProducerId', [0, 5], async (request, { apiVersion, access }) => {
    const { transactionalId, transactionTimeoutMs, producerId, producerEpoch } = request;
    const refused = (code: number) => ({ errorCode: code, producerId: -1, producerEpoch: -1 });
    const denied = denial(access, transactionalId);
    if (denied !== undefined) return refused(errorCode(denied));
    if (producerId < 0 !== producerEpoch < 0) return refused(errorCode('INVALID_REQUEST'));
    const resume = producerId >= 0 ? { producerId, producerEpoch } : undefined;
    try {
      const reply = await transactions.initProducer(transactionalId, transactionTimeoutMs, resume);
      if (reply.error === 'NONE')
        return { errorCode: 0, producerId: reply.producerId, producerEpoch: reply.producerEpoch };
      const isOld = reply.error === 'PRODUCER_FENCED' && apiVersion < 4;
      return refused(errorCode(isOld ? 'INVALID_PRODUCER_EPOCH' : reply.error));
    } catch (error) {
      return refused(coordinatorError(error));
    }
  });

function denial(access: Access, transactionalId: string | null): ErrorName | undefined {
  if (transactionalId !== null)
    return access.may('WRITE', 'TRANSACTIONAL_ID', transactionalId)
      ? undefined
      : 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED';
  // KIP-679: who may write anywhere may be idempotent.
  const mayWrite =
    access.may('IDEMPOTENT_WRITE', 'CLUSTER', CLUSTER_NAME, 'quiet') || access.mayAny('WRITE', 'TOPIC');
  return mayWrite ? undefined : 'CLUSTER_AUTHORIZATION_FAILED';
}
