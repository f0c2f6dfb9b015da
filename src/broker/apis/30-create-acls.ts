import { CLUSTER_NAME } from '../access.ts';
import { type Api, api } from '../api.ts';
import { aclOf } from './acl-fields.ts';
import { coordinatorError, errorFields } from './error-fields.ts';
import type { SecurityPlane } from './security-plane.ts';

/** CreateAcls v1-3: durable when answered; a rule that is there already is no error. */
export const createAcls = ({ security, hasAuthorizer }: SecurityPlane): Api =>
  api('CreateAcls', [1, 3], async ({ creations }, { access }) => {
    const all = (fields: ReturnType<typeof errorFields>) => ({ results: creations.map(() => fields) });
    if (!access.may('ALTER', 'CLUSTER', CLUSTER_NAME))
      return all(errorFields('CLUSTER_AUTHORIZATION_FAILED'));
    if (!hasAuthorizer) return all(errorFields('SECURITY_DISABLED', 'No Authorizer is configured.'));
    const acls = creations.map(aclOf);
    try {
      await security.createAcls(acls.filter((acl) => typeof acl !== 'string'));
    } catch (error) {
      return { results: creations.map(() => ({ errorCode: coordinatorError(error) })) };
    }
    return {
      results: acls.map((acl) =>
        typeof acl === 'string' ? errorFields('INVALID_REQUEST', acl) : errorFields('NONE'),
      ),
    };
  });
