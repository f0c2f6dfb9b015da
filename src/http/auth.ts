import { Buffer } from 'node:buffer';
import { createHash, timingSafeEqual } from 'node:crypto';
import { FULL_ACCESS, type Permission, type SqlAccess } from '../engine/service/access.ts';

export interface User {
  readonly user: string;
  readonly password: string;
  readonly role: Role;
}

/** What the users of a role may do. */
export const ROLES = {
  reader: ['read'],
  writer: ['read', 'write'],
  developer: ['read', 'write', 'define'],
  admin: ['read', 'write', 'define', 'administer'],
} as const satisfies Record<string, readonly Permission[]>;

export type Role = keyof typeof ROLES;

/** What Kafka's rules say about a topic to a principal at an address. */
export type TopicAccess = (client: {
  readonly principal: string;
  readonly host: string;
}) => SqlAccess['mayTopic'];

/** Who has sent an Authorization header from an address; undefined: nobody this server knows. */
export type Identify = (header: string | null | undefined, host: string) => SqlAccess | undefined;

/**
 * By the users of HTTP basic authentication; without any, everybody is ANONYMOUS and may do everything. What Kafka's
 * rules keep a principal from at the broker they keep it from here.
 */
export function identifier(users: readonly User[], topicAccess?: TopicAccess): Identify {
  if (users.length === 0) {
    if (!topicAccess) return () => FULL_ACCESS;
    return (_header, host) => ({
      ...FULL_ACCESS,
      mayTopic: topicAccess({ principal: FULL_ACCESS.principal, host }),
    });
  }
  const find = finder(users);
  return (header, host) => {
    const found = find(header);
    if (!found) return undefined;
    const principal = `User:${found.user}`;
    const permissions: readonly Permission[] = ROLES[found.role];
    return {
      principal,
      may: (permission) => permissions.includes(permission),
      mayTopic: topicAccess?.({ principal, host }) ?? FULL_ACCESS.mayTopic,
    };
  };
}

/** Compares digests, so time tells nothing about passwords. */
function finder(users: readonly User[]): (header: string | null | undefined) => User | undefined {
  const accepted = users.map((user) => ({ user, digest: digest(`${user.user}:${user.password}`) }));
  return (header) => {
    const encoded = header?.match(/^basic +([A-Za-z0-9+/=_-]+) *$/i)?.[1];
    if (encoded === undefined) return undefined;
    const given = digest(Buffer.from(encoded, 'base64').toString());
    let found: User | undefined;
    for (const one of accepted) if (timingSafeEqual(one.digest, given)) found = one.user;
    return found;
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
