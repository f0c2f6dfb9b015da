import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { oauthBearer } from './oauth-bearer.ts';
import { SaslError } from './sasl-mechanism.ts';

const NOW_S = 1_700_000_000;
const { publicKey, privateKey } = await generateKeyPair('ES256');
const stranger = await generateKeyPair('ES256');
const keySet = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }] });

const clock = new VirtualClock(NOW_S * 1000);
const RULES = { issuer: 'https://idp', audience: ['kafka'], clockSkewSeconds: 30, userClaim: 'sub' };
const mechanism = oauthBearer(RULES, { keys: async () => keySet }, clock);

const CLAIMS = { sub: 'alice', iss: 'https://idp', aud: 'kafka', iat: NOW_S - 10, exp: NOW_S + 600 };

function sign(claims: object, key = privateKey): Promise<string> {
  return new SignJWT({ ...claims }).setProtectedHeader({ alg: 'ES256', kid: 'k' }).sign(key);
}

function first(token: string, header = 'n,,'): Buffer {
  return Buffer.from(`${header}\x01auth=Bearer ${token}\x01\x01`);
}

describe('OAUTHBEARER', () => {
  it('knows a user by a token, for as long as that is good', async () => {
    const step = await mechanism.begin().next(first(await sign(CLAIMS)));
    assert.deepEqual(step.identity, { user: 'alice', expiresAtMs: (NOW_S + 600) * 1000 });
    assert.equal(step.reply.length, 0);
  });

  const refused: readonly [what: string, token: () => Promise<string> | string][] = [
    ['of another issuer', () => sign({ ...CLAIMS, iss: 'https://other' })],
    ['for another audience', () => sign({ ...CLAIMS, aud: 'other' })],
    ['that has ended', () => sign({ ...CLAIMS, exp: NOW_S - 31 })],
    ['without an end', () => sign({ ...CLAIMS, exp: undefined })],
    ['without a user', () => sign({ ...CLAIMS, sub: undefined })],
    ['of somebody else', () => sign(CLAIMS, stranger.privateKey)],
    ['that nobody has signed', () => new UnsecuredJWT({ ...CLAIMS }).encode()],
    ['that is none', () => 'abc'],
  ];
  for (const [what, token] of refused) {
    it(`refuses a token ${what}, with the word of RFC 7628 first`, async () => {
      const exchange = mechanism.begin();
      const step = await exchange.next(first(await token()));
      assert.equal(step.identity, undefined);
      assert.deepEqual(JSON.parse(step.reply.toString()), { status: 'invalid_token' });
      await assert.rejects(async () => exchange.next(Buffer.from('\x01')), SaslError);
    });
  }

  it('refuses to act for somebody else', async () => {
    const token = await sign(CLAIMS);
    assert.ok((await mechanism.begin().next(first(token, 'n,a=alice,'))).identity);
    await assert.rejects(async () => mechanism.begin().next(first(token, 'n,a=bob,')), SaslError);
    await assert.rejects(async () => mechanism.begin().next(Buffer.from('nonsense')), SaslError);
  });
});
