import type { Api } from '../api.ts';
import { saslHandshake } from './17-sasl-handshake.ts';
import { describeAcls } from './29-describe-acls.ts';
import { createAcls } from './30-create-acls.ts';
import { deleteAcls } from './31-delete-acls.ts';
import { saslAuthenticate } from './36-sasl-authenticate.ts';
import { describeUserScramCredentials } from './50-describe-user-scram-credentials.ts';
import { alterUserScramCredentials } from './51-alter-user-scram-credentials.ts';
import { delegationTokenApis } from './delegation-tokens.ts';
import type { SecurityPlane } from './security-plane.ts';

/** Who a client is, and what it may do. */
export function securityApis(plane: SecurityPlane): readonly Api[] {
  return [
    saslHandshake(),
    saslAuthenticate(),
    describeAcls(plane),
    createAcls(plane),
    deleteAcls(plane),
    describeUserScramCredentials(plane),
    alterUserScramCredentials(plane),
    ...delegationTokenApis(),
  ];
}
