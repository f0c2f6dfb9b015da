import { errorCode } from '../../protocol/errors.ts';
import { type Api, api } from '../api.ts';

/**
 * CreateDelegationToken v1-3, RenewDelegationToken v1-2, ExpireDelegationToken v1-2, DescribeDelegationToken v1-3: a
 * broker without `delegation.token.secret.key` has none, and says so.
 */
export function delegationTokenApis(): readonly Api[] {
  const disabled = () => ({ errorCode: errorCode('DELEGATION_TOKEN_AUTH_DISABLED') });
  return [
    api('CreateDelegationToken', [1, 3], disabled),
    api('RenewDelegationToken', [1, 2], disabled),
    api('ExpireDelegationToken', [1, 2], disabled),
    api('DescribeDelegationToken', [1, 3], disabled),
  ];
}
