import type { Logger } from '../../base/logger.ts';
import type { Access, Audit, Operation, ResourceType } from '../access.ts';
import type { AclIndex, Client } from './acl-index.ts';

export interface AuthorizerOptions {
  readonly acls: AclIndex;
  /** Principals that no rule concerns (super.users). */
  readonly superUsers: ReadonlySet<string>;
  /** allow.everyone.if.no.acl.found */
  readonly allowsUnruled: boolean;
  readonly logger: Logger;
}

/** Gives clients what the rules allow them. */
export class Authorizer {
  readonly #options: AuthorizerOptions;

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  get acls(): AclIndex {
    return this.#options.acls;
  }

  accessOf(client: Client): Access {
    return new RuledAccess(client, this.#options);
  }
}

interface Decision {
  readonly isAllowed: boolean;
  /** Of its line in the log, made once. */
  readonly fields: Record<string, unknown>;
}

/** Names a client remembers decisions for; one that asks for more begins anew. */
const MAX_DECISIONS = 1000;

/**
 * What one connection may do. A decision is made once and kept until a rule changes, so that Produce and Fetch, which
 * ask for the same topics again and again, cost a look-up.
 */
class RuledAccess implements Access {
  readonly principal: string;
  readonly #client: Client;
  readonly #options: AuthorizerOptions;
  readonly #isSuper: boolean;
  readonly #decisions = new Map<ResourceType, Map<string, Partial<Record<Operation, Decision>>>>();
  #decisionCount = 0;
  #generation: number;

  constructor(client: Client, options: AuthorizerOptions) {
    this.principal = client.principal;
    this.#client = client;
    this.#options = options;
    this.#isSuper = options.superUsers.has(client.principal);
    this.#generation = options.acls.generation;
  }

  may(operation: Operation, type: ResourceType, name: string, audit: Audit = 'logged'): boolean {
    const decision = this.#decision(operation, type, name);
    if (audit === 'logged') this.#log(decision);
    return decision.isAllowed;
  }

  mayAny(operation: Operation, type: ResourceType): boolean {
    const { acls } = this.#options;
    // As in Kafka, a name nobody has stands for super users and for what is allowed where no rule is.
    const isAllowed =
      this.#decide(operation, type, 'hardcode') || acls.decideAny(this.#client, operation, type);
    this.#log({ isAllowed, fields: this.#fields(operation, type, WHATEVER) });
    return isAllowed;
  }

  #decision(operation: Operation, type: ResourceType, name: string): Decision {
    if (this.#generation !== this.#options.acls.generation || this.#decisionCount > MAX_DECISIONS)
      this.#forget();
    const known = this.#decisions.get(type)?.get(name)?.[operation];
    if (known !== undefined) return known;
    const isAllowed = this.#decide(operation, type, name);
    const decision = { isAllowed, fields: this.#fields(operation, type, name) };
    const byName = this.#decisions.get(type) ?? new Map<string, Partial<Record<Operation, Decision>>>();
    this.#decisions.set(type, byName.set(name, { ...byName.get(name), [operation]: decision }));
    this.#decisionCount++;
    return decision;
  }

  #decide(operation: Operation, type: ResourceType, name: string): boolean {
    if (this.#isSuper) return true;
    const verdict = this.#options.acls.decide(this.#client, operation, type, name);
    return verdict === 'allowed' || (verdict === 'none' && this.#options.allowsUnruled);
  }

  #forget(): void {
    this.#generation = this.#options.acls.generation;
    this.#decisions.clear();
    this.#decisionCount = 0;
  }

  #fields(operation: Operation, type: ResourceType, name: string): Record<string, unknown> {
    return { principal: this.principal, host: this.#client.host, operation, resource: `${type}:${name}` };
  }

  #log({ isAllowed, fields }: Decision): void {
    if (isAllowed) this.#options.logger.debug('allowed', fields);
    else this.#options.logger.info('denied', fields);
  }
}

const WHATEVER = '(any)';
