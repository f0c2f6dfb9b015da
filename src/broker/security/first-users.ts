import { Buffer } from 'node:buffer';
import type { Random } from '../../base/random.ts';
import { StartError } from '../start-error.ts';
import {
  MAX_ITERATIONS,
  MIN_ITERATIONS,
  SCRAM_MECHANISMS,
  type ScramMechanism,
  saltPassword,
  scramCredential,
} from './scram-credential.ts';
import type { SecurityStore } from './security-store.ts';

interface FirstUser {
  readonly user: string;
  readonly mechanism: ScramMechanism;
  readonly password: string;
  readonly iterations: number;
  readonly salt: Buffer | undefined;
}

/**
 * Makes SCRAM users at start, so that there is one who can make others. Who has a credential already keeps it: a password
 * that was changed stays changed. Rejects with a StartError, which repeats nothing secret.
 */
export async function addFirstUsers(text: string, security: SecurityStore, random: Random): Promise<void> {
  const wanted = parseFirstUsers(text).filter(
    ({ user, mechanism }) => !security.scramCredentials(user)?.has(mechanism),
  );
  if (wanted.length === 0) return;
  const upsertions = await Promise.all(
    wanted.map(async ({ user, mechanism, password, iterations, salt = Buffer.from(random.bytes(24)) }) => {
      const saltedPassword = await saltPassword(mechanism, password, salt, iterations);
      return {
        user,
        mechanism,
        credential: scramCredential(mechanism, { saltedPassword, salt, iterations }),
      };
    }),
  );
  await security.alterScram({ deletions: [], upsertions, onlyNew: true });
}

/**
 * With commas between: `NAME:PASSWORD`, for both mechanisms, or what kafka-storage's --add-scram takes:
 * `SCRAM-SHA-256=[name=alice,password=secret,iterations=8192]`.
 */
export function parseFirstUsers(text: string): readonly FirstUser[] {
  const items = text.match(/SCRAM-SHA-\d+=\[[^\]]*\]|[^,]+/g) ?? [];
  return items.flatMap((item): FirstUser[] => {
    const long = /^SCRAM-SHA-(?:256|512)=\[(.*)\]$/.exec(item.trim());
    if (long !== null) return [longForm(item.trim().split('=', 1)[0] as ScramMechanism, long[1]!)];
    const colon = item.indexOf(':');
    if (colon < 1) throw wrong();
    const user = item.slice(0, colon).trim();
    const password = item.slice(colon + 1);
    return SCRAM_MECHANISMS.map((mechanism) => ({
      user,
      mechanism,
      password,
      iterations: MIN_ITERATIONS,
      salt: undefined,
    }));
  });
}

function longForm(mechanism: ScramMechanism, text: string): FirstUser {
  const given = new Map(
    [...text.matchAll(/(\w+)=(?:"([^"]*)"|([^,]*))/g)].map(([, key, quoted, bare]) => [key, quoted ?? bare]),
  );
  const user = given.get('name');
  const password = given.get('password');
  const iterations = Number(given.get('iterations') ?? MIN_ITERATIONS);
  if (!user || !password || !(iterations >= MIN_ITERATIONS && iterations <= MAX_ITERATIONS)) throw wrong();
  const salt = given.get('salt');
  return {
    user,
    mechanism,
    password,
    iterations,
    salt: salt === undefined ? undefined : Buffer.from(salt, 'base64'),
  };
}

function wrong(): StartError {
  return new StartError(
    `addScram: each user is NAME:PASSWORD or SCRAM-SHA-256=[name=NAME,password=PASSWORD,iterations=N] with ${MIN_ITERATIONS} to ${MAX_ITERATIONS} iterations, with commas between.`,
  );
}
