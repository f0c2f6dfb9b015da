import { errorCode } from '../../protocol/errors.ts';
import { FULL_ACCESS } from '../access.ts';
import { type Api, api, type RequestContext } from '../api.ts';

/**
 * CreateDelegationToken v1-3, RenewDelegationToken v1-2, ExpireDelegationToken v1-2, DescribeDelegationToken v1-3: a
 * broker without `delegation.token.secret.key` has none, and says so; whoever has no name could not ask for one anyway.
 */
export function delegationTokenApis(): readonly Api[] {
  const disabled = (_: unknown, { access }: RequestContext) => {
    const isNobody = access.principal === FULL_ACCESS.principal;
    const error = isNobody ? 'DELEGATION_TOKEN_REQUEST_NOT_ALLOWED' : 'DELEGATION_TOKEN_AUTH_DISABLED';
    return { errorCode: errorCode(error) };
  };
  return [
    api('CreateDelegationToken', [1, 3], disabled),
    api('RenewDelegationToken', [1, 2], disabled),
    api('ExpireDelegationToken', [1, 2], disabled),
    api('DescribeDelegationToken', [1, 3], disabled),
  ];
}
