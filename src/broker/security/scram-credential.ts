import type { Buffer } from 'node:buffer';
import { createHash, createHmac, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';

export type ScramMechanism = 'SCRAM-SHA-256' | 'SCRAM-SHA-512';

/** What is kept of a password (RFC 5802): enough to check it, and not to log in with. */
export interface ScramCredential {
  readonly salt: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
  readonly iterations: number;
}

/** Kafka's numbers are the positions in this list plus one. */
export const SCRAM_MECHANISMS: readonly ScramMechanism[] = ['SCRAM-SHA-256', 'SCRAM-SHA-512'];

export const MIN_ITERATIONS = 4096;
/** More would let whoever may alter credentials keep clients busy for long. */
export const MAX_ITERATIONS = 16_384;

export function hashOf(mechanism: ScramMechanism): 'sha256' | 'sha512' {
  return mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512';
}

export function hmac(mechanism: ScramMechanism, key: Buffer, text: string): Buffer {
  return createHmac(hashOf(mechanism), key).update(text).digest();
}

export function hash(mechanism: ScramMechanism, bytes: Buffer): Buffer {
  return createHash(hashOf(mechanism)).update(bytes).digest();
}

const deriveKey = promisify(pbkdf2);

export function saltPassword(
  mechanism: ScramMechanism,
  password: string,
  salt: Buffer,
  iterations: number,
): Promise<Buffer> {
  const bytes = mechanism === 'SCRAM-SHA-256' ? 32 : 64;
  return deriveKey(password.normalize('NFKC'), salt, iterations, bytes, hashOf(mechanism));
}

/** From the salted password, which is all that AlterUserScramCredentials brings. */
export function scramCredential(
  mechanism: ScramMechanism,
  salted: { readonly saltedPassword: Buffer; readonly salt: Buffer; readonly iterations: number },
): ScramCredential {
  const { saltedPassword, salt, iterations } = salted;
  return {
    salt,
    storedKey: hash(mechanism, hmac(mechanism, saltedPassword, 'Client Key')),
    serverKey: hmac(mechanism, saltedPassword, 'Server Key'),
    iterations,
  };
}
