import { type Random, uuidHex } from '../../base/random.ts';
import type { Answer, Call } from '../../topics/state-machine.ts';
import type { AclBinding } from './acl.ts';
import { AclIndex } from './acl-index.ts';
import type { ScramCredential, ScramMechanism } from './scram-credential.ts';
import type { ScramResult, SecurityCalls } from './security-calls.ts';
import type { SecurityEntry } from './security-entries.ts';

/** The part of the metadata that is about who may do what: rules, and the credentials of SCRAM users. */
export class SecurityState {
  readonly acls = new AclIndex();
  readonly #scram = new Map<string, Map<ScramMechanism, ScramCredential>>();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  get scramUsers(): readonly string[] {
    return [...this.#scram.keys()];
  }

  scramCredentials(user: string): ReadonlyMap<ScramMechanism, ScramCredential> | undefined {
    return this.#scram.get(user);
  }

  decide(call: Call<SecurityCalls>): {
    readonly entries: readonly SecurityEntry[];
    readonly reply: Answer<SecurityCalls>['reply'];
  } {
    const entries: SecurityEntry[] = [];
    switch (call.kind) {
      case 'createAcls':
        return { reply: this.#createAcls(call.request, entries), entries };
      case 'deleteAcls':
        return { reply: this.#deleteAcls(call.request, entries), entries };
      case 'alterScram':
        return { reply: this.#alterScram(call.request, entries), entries };
    }
  }

  replay(entry: SecurityEntry): void {
    if (entry.kind === 'acl') {
      if (entry.value === null) this.acls.remove(entry.id);
      else this.acls.add(entry.id, entry.value);
      return;
    }
    const { user, mechanism, value } = entry;
    const credentials = this.#scram.get(user) ?? new Map<ScramMechanism, ScramCredential>();
    if (value === null) credentials.delete(mechanism);
    else credentials.set(mechanism, value);
    if (credentials.size === 0) this.#scram.delete(user);
    else this.#scram.set(user, credentials);
  }

  #createAcls({ acls }: SecurityCalls['createAcls']['request'], entries: SecurityEntry[]): null {
    const asked = new Set<string>();
    for (const acl of acls) {
      const content = JSON.stringify(acl);
      if (this.acls.has(acl) || asked.has(content)) continue;
      asked.add(content);
      entries.push({ kind: 'acl', id: uuidHex(this.#random), value: acl });
    }
    return null;
  }

  #deleteAcls(
    { filters }: SecurityCalls['deleteAcls']['request'],
    entries: SecurityEntry[],
  ): readonly (readonly AclBinding[])[] {
    const found = filters.map((filter) => this.acls.find(filter));
    // Two filters may mean the same rule.
    for (const id of new Set(found.flat().map((each) => each.id)))
      entries.push({ kind: 'acl', id, value: null });
    return found.map((each) => each.map(({ acl }) => acl));
  }

  #alterScram(
    { deletions, upsertions, onlyNew = false }: SecurityCalls['alterScram']['request'],
    entries: SecurityEntry[],
  ): readonly ScramResult[] {
    const isMissing = ({ user, mechanism }: (typeof deletions)[number]) =>
      !this.#scram.get(user)?.has(mechanism);
    // As in Kafka, a user's changes are made together or not at all.
    const refused = new Set(deletions.filter(isMissing).map(({ user }) => user));
    for (const { user, mechanism } of deletions)
      if (!refused.has(user)) entries.push({ kind: 'scram', user, mechanism, value: null });
    for (const { user, mechanism, credential } of upsertions)
      if (!refused.has(user) && !(onlyNew && this.#scram.get(user)?.has(mechanism)))
        entries.push({ kind: 'scram', user, mechanism, value: credential });
    const users = new Set([...deletions, ...upsertions].map(({ user }) => user));
    return [...users].map((user): ScramResult => {
      if (!refused.has(user)) return { user, error: 'NONE', message: null };
      const message = 'Attempt to delete a user credential that does not exist';
      return { user, error: 'RESOURCE_NOT_FOUND', message };
    });
  }
}
