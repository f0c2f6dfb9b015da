import { Buffer } from 'node:buffer';
import { createHash, timingSafeEqual } from 'node:crypto';
import { SaslError, type SaslMechanism } from './sasl-mechanism.ts';

const FAILED = 'Authentication failed: Invalid username or password';

/** PLAIN (RFC 4616), one token: `authorization id NUL user NUL password`. Only ever over TLS, or on a trusted network. */
export function plain(passwords: ReadonlyMap<string, string>): SaslMechanism {
  const next = (token: Buffer) => {
    const parts = token.toString('utf8').split('\0');
    const [authorizationId, user, password] = parts;
    if (parts.length !== 3 || !user || !password)
      throw new SaslError('a PLAIN token that is not NUL user NUL password', FAILED);
    if (!matches(passwords.get(user), password))
      throw new SaslError(`wrong password or no user ${user}`, FAILED);
    if (authorizationId !== '' && authorizationId !== user) {
      const message =
        'Authentication failed: Client requested an authorization id that is different from username';
      throw new SaslError(message, message);
    }
    return { reply: Buffer.alloc(0), identity: { user } };
  };
  return { name: 'PLAIN', begin: () => ({ next }) };
}

/** Takes the same time wherever they differ, and for users there are not. */
function matches(expected: string | undefined, given: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(expected ?? ''), digest(given)) && expected !== undefined;
}
