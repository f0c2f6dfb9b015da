import { CLUSTER_NAME } from '../access.ts';
import { type Api, api } from '../api.ts';
import { filterProblem } from '../security/acl-filter.ts';
import { entryFields, filterOf, patternFields } from './acl-fields.ts';
import { coordinatorError, errorFields } from './error-fields.ts';
import type { SecurityPlane } from './security-plane.ts';

/** DeleteAcls v1-3: removes what its filters mean and tells what that was; durable when answered. */
export const deleteAcls = ({ security, hasAuthorizer }: SecurityPlane): Api =>
  api('DeleteAcls', [1, 3], async ({ filters }, { access }) => {
    const all = (fields: ReturnType<typeof errorFields>) => ({ filterResults: filters.map(() => fields) });
    if (!access.may('ALTER', 'CLUSTER', CLUSTER_NAME))
      return all(errorFields('CLUSTER_AUTHORIZATION_FAILED'));
    if (!hasAuthorizer) return all(errorFields('SECURITY_DISABLED', 'No Authorizer is configured.'));
    const wanted = filters.map(filterOf);
    const problems = wanted.map(filterProblem);
    try {
      const deleted = await security.deleteAcls(wanted.filter((_, index) => problems[index] === undefined));
      const results = deleted.values();
      return {
        filterResults: problems.map((problem) => {
          if (problem !== undefined) return errorFields('INVALID_REQUEST', problem);
          const acls = results.next().value!;
          return {
            matchingAcls: acls.map((acl) => ({ ...patternFields(acl), ...entryFields(acl) })),
          };
        }),
      };
    } catch (error) {
      return { filterResults: filters.map(() => ({ errorCode: coordinatorError(error) })) };
    }
  });
