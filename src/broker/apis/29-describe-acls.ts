import { CLUSTER_NAME } from '../access.ts';
import { type Api, api } from '../api.ts';
import { filterProblem } from '../security/acl-filter.ts';
import { entryFields, filterOf, patternFields } from './acl-fields.ts';
import { errorFields } from './error-fields.ts';
import type { SecurityPlane } from './security-plane.ts';

/** DescribeAcls v1-3: the rules a filter means, together by what they are about. */
export const describeAcls = ({ security, hasAuthorizer }: SecurityPlane): Api =>
  api('DescribeAcls', [1, 3], (request, { access }) => {
    if (!access.may('DESCRIBE', 'CLUSTER', CLUSTER_NAME)) return errorFields('CLUSTER_AUTHORIZATION_FAILED');
    if (!hasAuthorizer) return errorFields('SECURITY_DISABLED', 'No Authorizer is configured on the broker');
    const filter = filterOf(request);
    const problem = filterProblem(filter);
    if (problem !== undefined) return errorFields('INVALID_REQUEST', problem);
    const found = security.acls.find(filter).map(({ acl }) => acl);
    const resources = Map.groupBy(found, (acl) => JSON.stringify(patternFields(acl)));
    return {
      resources: [...resources.values()].map((acls) => ({
        ...patternFields(acls[0]!),
        acls: acls.map(entryFields),
      })),
    };
  });
