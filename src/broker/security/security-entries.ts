import { Buffer } from 'node:buffer';
import type { AclBinding } from './acl.ts';
import type { ScramCredential, ScramMechanism } from './scram-credential.ts';

/** As Kafka's AccessControlEntryRecord; null removes it. */
export interface AclEntry {
  readonly kind: 'acl';
  readonly id: string;
  readonly value: AclBinding | null;
}

/** As Kafka's UserScramCredentialRecord; null removes it. */
export interface ScramEntry {
  readonly kind: 'scram';
  readonly user: string;
  readonly mechanism: ScramMechanism;
  readonly value: ScramCredential | null;
}

export type SecurityEntry = AclEntry | ScramEntry;

/** A record without its format version: `acl:ID` or `scram:MECHANISM:USER`. */
export function encodeSecurityEntry(entry: SecurityEntry): {
  readonly key: string;
  readonly value: object | null;
} {
  if (entry.kind === 'acl') return { key: `acl:${entry.id}`, value: entry.value };
  const key = `scram:${entry.mechanism}:${entry.user}`;
  if (entry.value === null) return { key, value: null };
  const { salt, storedKey, serverKey, iterations } = entry.value;
  const text = (bytes: Buffer) => bytes.toString('base64');
  const value = { salt: text(salt), storedKey: text(storedKey), serverKey: text(serverKey), iterations };
  return { key, value };
}

/** A credential as JSON holds it: bytes in base64. */
type WrittenCredential = Record<'salt' | 'storedKey' | 'serverKey', string> & { readonly iterations: number };

/** `undefined` for keys of other records. */
export function decodeSecurityEntry(key: string, value: object | null): SecurityEntry | undefined {
  if (key.startsWith('acl:'))
    return { kind: 'acl', id: key.slice('acl:'.length), value: value as AclBinding | null };
  const match = /^scram:(SCRAM-SHA-(?:256|512)):(.*)$/s.exec(key);
  if (match === null) return undefined;
  const named = { kind: 'scram', mechanism: match[1] as ScramMechanism, user: match[2]! } as const;
  return { ...named, value: value && decodeCredential(value as WrittenCredential) };
}

function decodeCredential({ salt, storedKey, serverKey, iterations }: WrittenCredential): ScramCredential {
  const bytes = (text: string) => Buffer.from(text, 'base64');
  return { salt: bytes(salt), storedKey: bytes(storedKey), serverKey: bytes(serverKey), iterations };
}
