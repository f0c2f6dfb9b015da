import { errorCode } from '../../protocol/errors.ts';
import { type Api, api } from '../api.ts';
import { loadRe2 } from '../re2.ts';
import { TRANSACTION_STATES, type TransactionStateName } from '../txn/txn-state.ts';
import type { ControlPlane } from './control-plane.ts';

/** No state of ours: Kafka's coordinator is in it while it fences a producer. */
const NEVER_IN_STATE = 'PrepareEpochFence';

/**
 * ListTransactions v0-2: the transactional ids, by state, producer, age (v1, KIP-994) and pattern (v2, KIP-1152: RE2
 * syntax, the whole id).
 */
export const listTransactions = ({ transactions }: Pick<ControlPlane, 'transactions'>): Api =>
  api('ListTransactions', [0, 2], async (request, { access }) => {
    const { stateFilters, producerIdFilters, durationFilter, transactionalIdPattern } = request;
    const matches = idFilter(transactionalIdPattern);
    if (matches === undefined) return { errorCode: errorCode('INVALID_REGULAR_EXPRESSION') };
    const found = await transactions.list({
      states: stateFilters.length === 0 ? undefined : new Set(stateFilters.filter(isState)),
      producerIds: producerIdFilters.length === 0 ? undefined : new Set(producerIdFilters),
      longerThanMs: durationFilter < 0 ? undefined : durationFilter,
      matches,
    });
    return {
      errorCode: errorCode('NONE'),
      unknownStateFilters: stateFilters.filter((name) => !isState(name) && name !== NEVER_IN_STATE),
      transactionStates: found
        .filter(([transactionalId]) => access.may('DESCRIBE', 'TRANSACTIONAL_ID', transactionalId))
        .map(([transactionalId, { producerId, state }]) => ({
          transactionalId,
          producerId,
          transactionState: state,
        })),
    };
  });

function isState(name: string): name is TransactionStateName {
  return (TRANSACTION_STATES as readonly string[]).includes(name);
}

/** undefined: not a regular expression. */
function idFilter(pattern: string | null | undefined): ((transactionalId: string) => boolean) | undefined {
  // Before version 2 a request has no such field.
  if (!pattern) return () => true;
  try {
    const compiled = loadRe2().RE2JS.compile(pattern);
    return (transactionalId) => compiled.matches(transactionalId);
  } catch {
    return undefined;
  }
}
