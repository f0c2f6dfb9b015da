import { Buffer } from 'node:buffer';
import { timingSafeEqual } from 'node:crypto';
import type { Random } from '../../base/random.ts';
import { SaslError, type SaslExchange, type SaslMechanism, type SaslStep } from './sasl-mechanism.ts';
import { hash, hmac, type ScramCredential, type ScramMechanism } from './scram-credential.ts';

interface ClientFirst {
  readonly header: string;
  readonly bare: string;
  readonly user: string;
  readonly nonce: string;
}

export interface ScramUsers {
  scramCredentials(user: string): ReadonlyMap<ScramMechanism, ScramCredential> | undefined;
}

/** SCRAM (RFC 5802, RFC 7677) without channel binding, as Kafka. The password never travels and is not kept. */
export function scram(name: ScramMechanism, users: ScramUsers, random: Random): SaslMechanism {
  const nonce = () => Buffer.from(random.bytes(24)).toString('base64url');
  return { name, begin: () => new ScramExchange(name, users, nonce()) };
}

/**
 *   client  n,,n=USER,r=C              server  r=C+S,s=SALT,i=ITERATIONS
 *   client  c=biws,r=C+S,p=PROOF       server  v=SIGNATURE
 */
export class ScramExchange implements SaslExchange {
  readonly #mechanism: ScramMechanism;
  readonly #users: ScramUsers;
  readonly #serverNonce: string;
  #begun:
    | {
        readonly first: ClientFirst;
        readonly credential: ScramCredential;
        readonly nonce: string;
        readonly reply: string;
      }
    | undefined;

  constructor(mechanism: ScramMechanism, users: ScramUsers, serverNonce: string) {
    this.#mechanism = mechanism;
    this.#users = users;
    this.#serverNonce = serverNonce;
  }

  next(token: Buffer): SaslStep {
    return this.#begun === undefined ? this.#challenge(token) : this.#verify(token);
  }

  #challenge(token: Buffer): SaslStep {
    const first = clientFirst(token.toString('utf8'));
    const credential = this.#users.scramCredentials(first.user)?.get(this.#mechanism);
    if (credential === undefined) throw new SaslError(`no ${this.#mechanism} user ${first.user}`);
    const nonce = first.nonce + this.#serverNonce;
    const reply = `r=${nonce},s=${credential.salt.toString('base64')},i=${credential.iterations}`;
    this.#begun = { first, credential, nonce, reply };
    return { reply: Buffer.from(reply) };
  }

  #verify(token: Buffer): SaslStep {
    const { first, credential, nonce, reply } = this.#begun!;
    const match = /^(c=([^,]*),r=([^,]*)(?:,[^,]*)*?),p=([A-Za-z0-9+/]+=*)$/.exec(token.toString('utf8'));
    if (match === null) throw new SaslError('a final SCRAM message that is none');
    const [, withoutProof, binding, repeatedNonce, proofText] = match;
    // RFC 5802 asks for the same one, and so does Kafka 4.
    if (repeatedNonce === first.nonce + nonce)
      throw new SaslError(
        'a final SCRAM message with its own nonce twice, as librdkafka before 2.6.1 writes it',
      );
    if (repeatedNonce !== nonce) throw new SaslError('a final SCRAM message with another nonce');
    // Java clients send that of `n,,` whatever header they began with.
    if (binding !== 'biws' && binding !== Buffer.from(first.header).toString('base64'))
      throw new SaslError('a final SCRAM message with another channel binding');
    const authMessage = `${first.bare},${reply},${withoutProof}`;
    const signature = hmac(this.#mechanism, credential.storedKey, authMessage);
    const proof = Buffer.from(proofText!, 'base64');
    if (proof.length !== signature.length) throw new SaslError('a SCRAM proof of the wrong length');
    const clientKey = Buffer.from(proof.map((byte, index) => byte ^ signature[index]!));
    if (!timingSafeEqual(hash(this.#mechanism, clientKey), credential.storedKey))
      throw new SaslError(`wrong password of user ${first.user}`);
    const verifier = hmac(this.#mechanism, credential.serverKey, authMessage).toString('base64');
    return { reply: Buffer.from(`v=${verifier}`), identity: { user: first.user } };
  }
}

function clientFirst(text: string): ClientFirst {
  const match = /^([ny],(?:a=([^,]*))?,)(n=([^,]+),r=([\x21-\x2b\x2d-\x7e]+)((?:,[A-Za-z]+=[^,]*)*))$/.exec(
    text,
  );
  if (match === null) throw new SaslError('a first SCRAM message that is none');
  const [, header, authorizationId, bare, name, nonce, extensions] = match;
  const user = decodeName(name!);
  if (authorizationId && decodeName(authorizationId) !== user) {
    const message =
      'Authentication failed: Client requested an authorization id that is different from username';
    throw new SaslError(message, message);
  }
  if (/,tokenauth=true/i.test(extensions!)) throw new SaslError('a delegation token, which are not enabled');
  return { header: header!, bare: bare!, user, nonce: nonce! };
}

/** RFC 5802: `=2C` and `=3D` stand for a comma and an equals sign. */
function decodeName(name: string): string {
  if (/=(?!2C|3D)/.test(name)) throw new SaslError('a SCRAM user name with a bare =');
  return name.replaceAll('=2C', ',').replaceAll('=3D', '=');
}
