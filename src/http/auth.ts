import { Buffer } from 'node:buffer';
import { createHash, timingSafeEqual } from 'node:crypto';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Whether an Authorization header names one of the users. Compares digests, so time tells nothing about passwords. */
export function basicAuthorizer(
  users: readonly Credentials[],
): (header: string | null | undefined) => boolean {
  const accepted = users.map(({ user, password }) => digest(`${user}:${password}`));
  return (header) => {
    const encoded = header?.match(/^basic +([A-Za-z0-9+/=_-]+) *$/i)?.[1];
    if (encoded === undefined) return false;
    const given = digest(Buffer.from(encoded, 'base64').toString());
    let found = false;
    for (const one of accepted) found = timingSafeEqual(one, given) || found;
    return found;
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
