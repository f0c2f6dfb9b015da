import type { StateMachineRunner } from '../../topics/runner.ts';
import type { MetadataCalls } from '../metadata/metadata-calls.ts';
import type { MetadataEntry } from '../metadata/metadata-entries.ts';
import type { AclBinding } from './acl.ts';
import type { AclFilter } from './acl-filter.ts';
import type { AclIndex } from './acl-index.ts';
import type { ScramCredential, ScramMechanism } from './scram-credential.ts';
import type { ScramResult, SecurityCalls } from './security-calls.ts';
import type { SecurityState } from './security-state.ts';

/** Rules and SCRAM users: read at once, changed durably. Changes reject with a TopicError when the log fails. */
export class SecurityStore {
  readonly #state: SecurityState;
  readonly #runner: StateMachineRunner<MetadataCalls, MetadataEntry>;

  constructor(state: SecurityState, runner: StateMachineRunner<MetadataCalls, MetadataEntry>) {
    this.#state = state;
    this.#runner = runner;
  }

  get acls(): AclIndex {
    return this.#state.acls;
  }

  get scramUsers(): readonly string[] {
    return this.#state.scramUsers;
  }

  scramCredentials(user: string): ReadonlyMap<ScramMechanism, ScramCredential> | undefined {
    return this.#state.scramCredentials(user);
  }

  async createAcls(acls: readonly AclBinding[]): Promise<void> {
    await this.#runner.submit('createAcls', { acls });
  }

  deleteAcls(filters: readonly AclFilter[]): Promise<readonly (readonly AclBinding[])[]> {
    return this.#runner.submit('deleteAcls', { filters });
  }

  alterScram(request: SecurityCalls['alterScram']['request']): Promise<readonly ScramResult[]> {
    return this.#runner.submit('alterScram', request);
  }
}
