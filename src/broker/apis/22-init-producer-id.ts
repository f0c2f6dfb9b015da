import { errorCode } from '../../protocol/errors.ts';
import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError } from './error-fields.ts';

/**
 * InitProducerId v0-5 (v6 is unstable in 4.1): every idempotent producer begins with it.
 *
 * - Without a transactional id: a new producer id, never given out before, also after a crash.
 * - With one: takes it over. Kafka lets the client ask again (CONCURRENT_TRANSACTIONS) while the earlier owner's
 *   transaction ends; here the answer waits for that.
 * - v3+ resumes with the id and epoch the producer had (KIP-360).
 */
export const initProducerId = ({ transactions }: ControlPlane): Api =>
  api('InitProducerId', [0, 5], async (request) => {
    const { transactionalId, transactionTimeoutMs, producerId, producerEpoch } = request;
    const resume = producerId >= 0 ? { producerId, producerEpoch } : undefined;
    try {
      const reply = await transactions.initProducer(transactionalId, transactionTimeoutMs, resume);
      return {
        errorCode: errorCode(reply.error),
        producerId: reply.error === 'NONE' ? reply.producerId : -1,
        producerEpoch: reply.error === 'NONE' ? reply.producerEpoch : -1,
      };
    } catch (error) {
      return { errorCode: coordinatorError(error), producerId: -1, producerEpoch: -1 };
    }
  });
