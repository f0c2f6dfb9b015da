import type { ErrorName } from '../../protocol/errors.ts';
import type { AclBinding } from './acl.ts';
import type { AclFilter } from './acl-filter.ts';
import type { ScramCredential, ScramMechanism } from './scram-credential.ts';

export interface ScramDeletion {
  readonly user: string;
  readonly mechanism: ScramMechanism;
}

export interface ScramUpsertion extends ScramDeletion {
  readonly credential: ScramCredential;
}

export interface ScramResult {
  readonly user: string;
  readonly error: ErrorName;
  readonly message: string | null;
}

/** What the metadata machine is asked about rules and users. */
export type SecurityCalls = {
  /** Each is a valid rule; those there already are left alone. */
  createAcls: { request: { readonly acls: readonly AclBinding[] }; reply: null };
  /** Removes what each filter matches, and tells what that was. */
  deleteAcls: {
    request: { readonly filters: readonly AclFilter[] };
    reply: readonly (readonly AclBinding[])[];
  };
  /** One change a user. `onlyNew` leaves users alone that have a credential for the mechanism. */
  alterScram: {
    request: {
      readonly deletions: readonly ScramDeletion[];
      readonly upsertions: readonly ScramUpsertion[];
      readonly onlyNew?: boolean;
    };
    reply: readonly ScramResult[];
  };
};
