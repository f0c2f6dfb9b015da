import { Buffer } from 'node:buffer';
import type { ErrorName } from '../../protocol/errors.ts';
import type { AlterUserScramCredentialsRequest } from '../../protocol/messages.gen.ts';
import { CLUSTER_NAME } from '../access.ts';
import { type Api, api } from '../api.ts';
import {
  MAX_ITERATIONS,
  MIN_ITERATIONS,
  SCRAM_MECHANISMS,
  scramCredential,
} from '../security/scram-credential.ts';
import { coordinatorError, errorFields } from './error-fields.ts';
import type { SecurityPlane } from './security-plane.ts';

type Refusal = readonly [error: ErrorName, message: string | null];

/**
 * AlterUserScramCredentials v0: the client salts the password and the server derives from that what it keeps, so the
 * password itself is never here (KIP-554). One change a user; durable when answered.
 */
export const alterUserScramCredentials = ({ security }: SecurityPlane): Api =>
  api('AlterUserScramCredentials', [0, 0], async (request, { access }) => {
    const { deletions, upsertions } = request;
    const names = [...deletions, ...upsertions].map(({ name }) => name);
    const users = [...new Set(names)];
    if (!access.may('ALTER', 'CLUSTER', CLUSTER_NAME))
      return { results: users.map((user) => ({ user, ...errorFields('CLUSTER_AUTHORIZATION_FAILED') })) };
    const refusals = refusalsOf(request);
    const isFine = ({ name }: { readonly name: string }) => !refusals.has(name);
    try {
      const results = await security.alterScram({
        deletions: deletions
          .filter(isFine)
          .map(({ name, mechanism }) => ({ user: name, mechanism: mechanismOf(mechanism)! })),
        upsertions: upsertions.filter(isFine).map(({ name, mechanism, iterations, salt, saltedPassword }) => {
          const known = mechanismOf(mechanism)!;
          // A copy: the salt is kept, and the request's whole frame should not stay with it.
          const salted = { iterations, salt: Buffer.from(salt), saltedPassword };
          return { user: name, mechanism: known, credential: scramCredential(known, salted) };
        }),
      });
      return {
        results: [
          ...results.map(({ user, error, message }) => ({ user, ...errorFields(error, message) })),
          ...[...refusals].map(([user, refusal]) => ({ user, ...errorFields(...refusal) })),
        ],
      };
    } catch (error) {
      return { results: users.map((user) => ({ user, errorCode: coordinatorError(error) })) };
    }
  });

function refusalsOf({ deletions, upsertions }: AlterUserScramCredentialsRequest): Map<string, Refusal> {
  const refusals = new Map<string, Refusal>();
  const changes = [...deletions.map((each) => ({ ...each, iterations: undefined })), ...upsertions];
  const seen = new Set<string>();
  for (const { name, mechanism, iterations } of changes) {
    const refusal = refusalOf(name, mechanism, iterations);
    const credential = `${mechanism} ${name}`;
    if (seen.has(credential))
      refusals.set(name, [
        'DUPLICATE_RESOURCE',
        'A user credential cannot be altered twice in the same request',
      ]);
    else if (refusal !== undefined) refusals.set(name, refusal);
    seen.add(credential);
  }
  return refusals;
}

function refusalOf(name: string, mechanism: number, iterations: number | undefined): Refusal | undefined {
  if (name === '') return ['UNACCEPTABLE_CREDENTIAL', 'Username must not be empty'];
  if (mechanismOf(mechanism) === undefined) return ['UNSUPPORTED_SASL_MECHANISM', 'Unknown SCRAM mechanism'];
  if (iterations === undefined) return undefined;
  if (iterations < MIN_ITERATIONS) return ['UNACCEPTABLE_CREDENTIAL', 'Too few iterations'];
  return iterations > MAX_ITERATIONS ? ['UNACCEPTABLE_CREDENTIAL', 'Too many iterations'] : undefined;
}

function mechanismOf(code: number) {
  return SCRAM_MECHANISMS[code - 1];
}
