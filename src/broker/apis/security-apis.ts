import type { Api } from '../api.ts';
import { describeAcls } from './29-describe-acls.ts';
import { createAcls } from './30-create-acls.ts';
import { deleteAcls } from './31-delete-acls.ts';
import { describeUserScramCredentials } from './50-describe-user-scram-credentials.ts';
import { alterUserScramCredentials } from './51-alter-user-scram-credentials.ts';
import { delegationTokenApis } from './delegation-tokens.ts';
import type { SecurityPlane } from './security-plane.ts';

/** Who clients are, and what they may do. */
export function securityApis(plane: SecurityPlane): readonly Api[] {
  return [
    describeAcls(plane),
    createAcls(plane),
    deleteAcls(plane),
    describeUserScramCredentials(plane),
    alterUserScramCredentials(plane),
    ...delegationTokenApis(),
  ];
}
