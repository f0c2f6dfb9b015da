import { Buffer } from 'node:buffer';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import type { Clock } from '../../base/clock.ts';
import { SaslError, type SaslExchange, type SaslIdentity, type SaslMechanism } from './sasl-mechanism.ts';

/** What a token must be (RFC 7519). */
export interface TokenRules {
  readonly issuer: string | undefined;
  readonly audience: readonly string[];
  readonly clockSkewSeconds: number;
  /** The claim that names the user. */
  readonly userClaim: string;
}

export interface TokenKeys {
  /** Keys of who issues tokens, as the library `jose` takes them. */
  keys(): Promise<JWTVerifyGetKey>;
}

/** OAUTHBEARER (RFC 7628, KIP-768): the client shows a JSON web token signed by who is trusted. */
export function oauthBearer(rules: TokenRules, { keys }: TokenKeys, clock: Clock): SaslMechanism {
  const check = async (token: string): Promise<SaslIdentity> => {
    // Read when it is needed: most servers never see a token.
    const { jwtVerify } = await import('jose');
    const { payload } = await jwtVerify(token, await keys(), {
      ...(rules.issuer !== undefined && { issuer: rules.issuer }),
      ...(rules.audience.length > 0 && { audience: [...rules.audience] }),
      clockTolerance: rules.clockSkewSeconds,
      requiredClaims: ['exp', 'iat'],
      currentDate: new Date(clock.nowMs()),
    });
    return { user: userOf(payload, rules.userClaim), expiresAtMs: payload.exp! * 1000 };
  };
  return { name: 'OAUTHBEARER', begin: () => new BearerExchange(check) };
}

function userOf(payload: JWTPayload, claim: string): string {
  const user = payload[claim];
  if (typeof user === 'string' && user.trim() !== '') return user.trim();
  throw new Error(`the token has no claim ${claim}`);
}

const CONTROL_A = '\x01';
const REFUSAL = Buffer.from(JSON.stringify({ status: 'invalid_token' }));

/**
 *   client  n,,^Aauth=Bearer TOKEN^A^A     server  (nothing), or why not as JSON
 *                                          client  ^A, to let that fail
 */
class BearerExchange implements SaslExchange {
  readonly #check: (token: string) => Promise<SaslIdentity>;
  #refusal: string | undefined;

  constructor(check: (token: string) => Promise<SaslIdentity>) {
    this.#check = check;
  }

  async next(message: Buffer) {
    const text = message.toString('utf8');
    if (this.#refusal !== undefined) throw new SaslError(this.#refusal, REFUSAL.toString());
    const { token, authorizationId } = parse(text);
    let identity: SaslIdentity;
    try {
      identity = await this.#check(token);
    } catch (error) {
      this.#refusal = `token refused: ${(error as Error).message}`;
      return { reply: REFUSAL };
    }
    if (authorizationId !== '' && authorizationId !== identity.user) {
      const told = `Authentication failed: Client requested an authorization id (${authorizationId}) that is different from the token's principal name (${identity.user})`;
      throw new SaslError(told, told);
    }
    return { reply: Buffer.alloc(0), identity };
  }
}

function parse(text: string): { readonly token: string; readonly authorizationId: string } {
  const [header = '', ...pairs] = text.split(CONTROL_A);
  const authorizationId = /^n,(?:a=([^,]*))?,$/.exec(header);
  const authorization = pairs.find((pair) => pair.startsWith('auth='));
  const token = /^auth=Bearer +([\w.~+/=-]+)$/i.exec(authorization ?? '');
  if (authorizationId === null || token === null)
    throw new SaslError('a first OAUTHBEARER message that is none');
  return { token: token[1]!, authorizationId: authorizationId[1] ?? '' };
}
