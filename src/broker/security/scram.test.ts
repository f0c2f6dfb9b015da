import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { SaslError } from './sasl-mechanism.ts';
import { ScramExchange } from './scram.ts';
import {
  hash,
  hmac,
  type ScramCredential,
  type ScramMechanism,
  saltPassword,
  scramCredential,
} from './scram-credential.ts';

const SALT = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');

async function usersWith(mechanism: ScramMechanism, user: string, password: string) {
  const saltedPassword = await saltPassword(mechanism, password, SALT, 4096);
  const credential = scramCredential(mechanism, { saltedPassword, salt: SALT, iterations: 4096 });
  const credentials = new Map<ScramMechanism, ScramCredential>([[mechanism, credential]]);
  return { scramCredentials: (name: string) => (name === user ? credentials : undefined) };
}

/** What a client answers to the server's first message. */
async function finalMessage(mechanism: ScramMechanism, password: string, bare: string, challenge: string) {
  const [, nonce, salt, iterations] = /^r=(.*),s=(.*),i=(.*)$/.exec(challenge)!;
  const salted = await saltPassword(mechanism, password, Buffer.from(salt!, 'base64'), Number(iterations));
  const clientKey = hmac(mechanism, salted, 'Client Key');
  const withoutProof = `c=biws,r=${nonce}`;
  const signature = hmac(mechanism, hash(mechanism, clientKey), `${bare},${challenge},${withoutProof}`);
  const proof = Buffer.from(clientKey.map((byte, index) => byte ^ signature[index]!));
  return `${withoutProof},p=${proof.toString('base64')}`;
}

describe('SCRAM', () => {
  it('speaks the exchange of RFC 7677', async () => {
    const users = await usersWith('SCRAM-SHA-256', 'user', 'pencil');
    const exchange = new ScramExchange('SCRAM-SHA-256', users, '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0');
    const say = (text: string) => exchange.next(Buffer.from(text));
    const first = say('n,,n=user,r=rOprNGfwEbeRWgbNEkqO');
    const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
    assert.equal(first.reply.toString(), `r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`);
    assert.equal(first.identity, undefined);
    const last = say(`c=biws,r=${nonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`);
    assert.equal(last.reply.toString(), 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=');
    assert.deepEqual(last.identity, { user: 'user' });
  });

  for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const) {
    it(`${mechanism} knows a user with a comma in its name by the right password only`, async () => {
      const users = await usersWith(mechanism, 'a,b=c', 'secret');
      for (const [password, isRight] of [
        ['secret', true],
        ['Secret', false],
      ] as const) {
        const exchange = new ScramExchange(mechanism, users, 'server');
        const challenge = exchange.next(Buffer.from('n,,n=a=2Cb=3Dc,r=client')).reply.toString();
        const final = await finalMessage(mechanism, password, 'n=a=2Cb=3Dc,r=client', challenge);
        if (isRight) assert.equal(exchange.next(Buffer.from(final)).identity?.user, 'a,b=c');
        else assert.throws(() => exchange.next(Buffer.from(final)), SaslError);
      }
    });
  }

  const BAD_FIRST = [
    ['nothing', ''],
    ['another mechanism', '\0user\0pencil'],
    ['channel binding', 'p=tls-unique,,n=user,r=x'],
    ['an unknown user', 'n,,n=nobody,r=x'],
    ['somebody else to act for', 'n,a=root,n=user,r=x'],
    ['a delegation token', 'n,,n=user,r=x,tokenauth=true'],
    ['a bare equals sign', 'n,,n=us=er,r=x'],
  ] as const;
  for (const [what, text] of BAD_FIRST) {
    it(`refuses a first message with ${what}`, async () => {
      const users = await usersWith('SCRAM-SHA-256', 'user', 'pencil');
      const exchange = new ScramExchange('SCRAM-SHA-256', users, 'server');
      assert.throws(() => exchange.next(Buffer.from(text)), SaslError);
    });
  }

  const PROOF = 'p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=';
  const BAD_FINAL = [
    ['nothing', '', /none/],
    ['the nonce of another', `c=biws,r=other,${PROOF}`, /another nonce/],
    ['its own nonce twice', `c=biws,r=xxserver,${PROOF}`, /librdkafka before 2\.6\.1/],
    ['another binding', `c=eSws,r=xserver,${PROOF}`, /binding/],
    ['a short proof', 'c=biws,r=xserver,p=AAAA', /./],
  ] as const;
  for (const [what, text, reason] of BAD_FINAL) {
    it(`refuses a final message with ${what}`, async () => {
      const users = await usersWith('SCRAM-SHA-256', 'user', 'pencil');
      const exchange = new ScramExchange('SCRAM-SHA-256', users, 'server');
      exchange.next(Buffer.from('n,,n=user,r=x'));
      assert.throws(() => exchange.next(Buffer.from(text)), { name: 'SaslError', message: reason });
    });
  }
});
