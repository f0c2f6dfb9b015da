import type { Operation, ResourceType } from '../access.ts';
import { type AclBinding, ALL_RESOURCE_TYPES, ANYBODY, WILDCARD } from './acl.ts';
import { type AclFilter, matchesFilter } from './acl-filter.ts';

/** Who asks, and from where. */
export interface Client {
  readonly principal: string;
  readonly host: string;
}

/** What the rules say; `none`: no rule is about this resource, whoever asks. */
export type Verdict = 'allowed' | 'denied' | 'none';

/** Rules of one resource type, by their patterns. */
class Patterns {
  readonly literal = new Map<string, Set<AclBinding>>();
  readonly prefixed = new Map<string, Set<AclBinding>>();
  /** Of the prefixes there are: a name is looked up by as many prefixes as there are lengths. */
  #prefixLengths: readonly number[] = [];

  add(acl: AclBinding): void {
    const patterns = acl.patternType === 'PREFIXED' ? this.prefixed : this.literal;
    const known = patterns.get(acl.resourceName);
    if (known !== undefined) known.add(acl);
    else patterns.set(acl.resourceName, new Set([acl]));
    this.#measurePrefixes();
  }

  remove(acl: AclBinding): void {
    const patterns = acl.patternType === 'PREFIXED' ? this.prefixed : this.literal;
    const known = patterns.get(acl.resourceName);
    known?.delete(acl);
    if (known?.size === 0) patterns.delete(acl.resourceName);
    this.#measurePrefixes();
  }

  /** Every rule whose pattern matches the name. */
  *matching(name: string): Generator<AclBinding> {
    yield* this.literal.get(name) ?? [];
    if (name !== WILDCARD) yield* this.literal.get(WILDCARD) ?? [];
    for (const length of this.#prefixLengths)
      if (length <= name.length) yield* this.prefixed.get(name.slice(0, length)) ?? [];
  }

  *all(): Generator<AclBinding> {
    for (const patterns of [this.literal, this.prefixed]) for (const acls of patterns.values()) yield* acls;
  }

  #measurePrefixes(): void {
    this.#prefixLengths = [...new Set([...this.prefixed.keys()].map((prefix) => prefix.length))];
  }
}

/**
 * All rules, and what they say, as Kafka's StandardAuthorizer: a rule that denies wins over all that allow; what
 * rules are about but do not allow is denied. Operations imply others only in rules that allow.
 */
export class AclIndex {
  readonly #byType = new Map(ALL_RESOURCE_TYPES.map((type) => [type, new Patterns()]));
  readonly #byId = new Map<string, AclBinding>();
  readonly #ids = new Map<string, string>();
  /** Rises with every change: what was decided before may be wrong. */
  generation = 0;

  get size(): number {
    return this.#byId.size;
  }

  add(id: string, acl: AclBinding): void {
    this.remove(id);
    this.#byId.set(id, acl);
    this.#ids.set(contentKey(acl), id);
    this.#of(acl.resourceType).add(acl);
    this.generation++;
  }

  remove(id: string): void {
    const acl = this.#byId.get(id);
    if (acl === undefined) return;
    this.#byId.delete(id);
    this.#ids.delete(contentKey(acl));
    this.#of(acl.resourceType).remove(acl);
    this.generation++;
  }

  has(acl: AclBinding): boolean {
    return this.#ids.has(contentKey(acl));
  }

  find(filter: AclFilter): readonly { readonly id: string; readonly acl: AclBinding }[] {
    return [...this.#byId].filter(([, acl]) => matchesFilter(filter, acl)).map(([id, acl]) => ({ id, acl }));
  }

  decide({ principal, host }: Client, operation: Operation, type: ResourceType, name: string): Verdict {
    let verdict: Verdict = 'none';
    for (const acl of this.#of(type).matching(name)) {
      if (verdict === 'none') verdict = 'denied';
      if (acl.principal !== principal && acl.principal !== ANYBODY) continue;
      if (acl.host !== WILDCARD && acl.host !== host) continue;
      if (!covers(acl, operation)) continue;
      if (acl.permission === 'DENY') return 'denied';
      verdict = 'allowed';
    }
    return verdict;
  }

  /**
   * Whether a rule allows this for some resource of the type that no other rule takes back: a literal name not denied
   * by itself, and no pattern below a denied prefix (KIP-679). Nothing is implied here.
   */
  decideAny({ principal, host }: Client, operation: Operation, type: ResourceType): boolean {
    const denied: AclBinding[] = [];
    const allowed: AclBinding[] = [];
    for (const acl of this.#of(type).all()) {
      if (acl.principal !== principal && acl.principal !== ANYBODY) continue;
      if (acl.host !== WILDCARD && acl.host !== host) continue;
      if (acl.operation !== operation && acl.operation !== 'ALL') continue;
      (acl.permission === 'DENY' ? denied : allowed).push(acl);
    }
    if (denied.some(isWildcard)) return false;
    const isTakenBack = (acl: AclBinding) =>
      !isWildcard(acl) &&
      denied.some((deny) =>
        deny.patternType === 'PREFIXED'
          ? acl.resourceName.startsWith(deny.resourceName)
          : acl.patternType === 'LITERAL' && acl.resourceName === deny.resourceName,
      );
    return allowed.some((acl) => !isTakenBack(acl));
  }

  #of(type: ResourceType): Patterns {
    return this.#byType.get(type)!;
  }
}

function isWildcard({ patternType, resourceName }: AclBinding): boolean {
  return patternType === 'LITERAL' && resourceName === WILDCARD;
}

const IMPLIED_BY: Partial<Record<Operation, ReadonlySet<string>>> = {
  DESCRIBE: new Set(['READ', 'WRITE', 'DELETE', 'ALTER']),
  DESCRIBE_CONFIGS: new Set(['ALTER_CONFIGS']),
};

function covers(acl: AclBinding, operation: Operation): boolean {
  if (acl.operation === operation || acl.operation === 'ALL') return true;
  return acl.permission === 'ALLOW' && IMPLIED_BY[operation]?.has(acl.operation) === true;
}

function contentKey(acl: AclBinding): string {
  const { resourceType, resourceName, patternType, principal, host, operation, permission } = acl;
  return JSON.stringify([resourceType, resourceName, patternType, principal, host, operation, permission]);
}
