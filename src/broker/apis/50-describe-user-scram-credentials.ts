import { CLUSTER_NAME } from '../access.ts';
import { type Api, api } from '../api.ts';
import { SCRAM_MECHANISMS } from '../security/scram-credential.ts';
import { errorFields } from './error-fields.ts';
import type { SecurityPlane } from './security-plane.ts';

/** DescribeUserScramCredentials v0: which users have which, and with how many iterations; never what is secret. */
export const describeUserScramCredentials = ({ security }: SecurityPlane): Api =>
  api('DescribeUserScramCredentials', [0, 0], ({ users }, { access }) => {
    if (!access.may('DESCRIBE', 'CLUSTER', CLUSTER_NAME)) return errorFields('CLUSTER_AUTHORIZATION_FAILED');
    const names = users === null || users.length === 0 ? security.scramUsers : users.map(({ name }) => name);
    return { results: [...new Set(names)].map(describe) };

    function describe(user: string) {
      if (names.indexOf(user) !== names.lastIndexOf(user)) {
        const message = `Cannot describe SCRAM credentials for the same user twice in a single request: ${user}`;
        return { user, ...errorFields('DUPLICATE_RESOURCE', message) };
      }
      const credentials = security.scramCredentials(user);
      if (credentials === undefined) {
        const message = `Attempt to describe a user credential that does not exist: ${user}`;
        return { user, ...errorFields('RESOURCE_NOT_FOUND', message) };
      }
      const credentialInfos = [...credentials].map(([mechanism, { iterations }]) => ({
        mechanism: SCRAM_MECHANISMS.indexOf(mechanism) + 1,
        iterations,
      }));
      return { user, credentialInfos };
    }
  });
