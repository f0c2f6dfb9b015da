import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { type Logger, silentLogger } from '../../base/logger.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { fullAccess } from '../access.ts';
import { plain } from './plain.ts';
import { SaslSession } from './sasl-session.ts';

const USERS = new Map([
  ['alice', 'secret'],
  ['bob', 'hush'],
]);
const token = (user: string, password: string, actFor = '') => Buffer.from(`${actFor}\0${user}\0${password}`);

function session(options: { maxReauthMs?: number; expiresAtMs?: number } = {}) {
  const clock = new VirtualClock(1_000_000);
  const events: string[] = [];
  const logger: Logger = {
    ...silentLogger,
    info: (message, fields) => events.push(`${message}: ${fields?.reason}`),
  };
  const { expiresAtMs } = options;
  const expiring = { user: 'alice', ...(expiresAtMs !== undefined && { expiresAtMs }) };
  const made = new SaslSession({
    mechanisms: [
      plain(USERS),
      { name: 'TOKEN', begin: () => ({ next: () => ({ reply: Buffer.alloc(0), identity: expiring }) }) },
    ],
    maxReauthMs: () => options.maxReauthMs ?? 0,
    failureDelayMs: 100,
    maxReceiveBytes: 1000,
    clock,
    logger,
    host: '10.0.0.1',
    accessOf: fullAccess,
    onOpen: () => events.push('open'),
    onFailed: () => events.push('failed'),
  });
  const logIn = (user: string, password: string, actFor?: string) => {
    assert.equal(made.handshake('PLAIN', false), 'NONE');
    return made.authenticate(token(user, password, actFor));
  };
  return { made, clock, events, logIn };
}

describe('a SASL session', () => {
  it('opens by the right password', async () => {
    const { made, events, logIn } = session();
    assert.equal(made.isOpen, false);
    const answer = await logIn('alice', 'secret');
    assert.deepEqual(answer, { error: 'NONE', reply: Buffer.alloc(0), sessionLifetimeMs: 0 });
    assert.equal(made.access?.principal, 'User:alice');
    assert.deepEqual([made.isOpen, made.isExpired, ...events], [true, false, 'open']);
  });

  for (const [what, user, password, actFor] of [
    ['a wrong password', 'alice', 'hush', ''],
    ['an unknown user', 'carol', 'secret', ''],
    ['an empty password', 'carol', '', ''],
    ['somebody else to act for', 'alice', 'secret', 'bob'],
  ] as const) {
    it(`fails after a while by ${what}, and says nothing secret`, async () => {
      const { made, clock, events, logIn } = session();
      const answer = logIn(user, password, actFor);
      await Promise.resolve();
      assert.deepEqual(events, []);
      await clock.advance(100);
      const { error, message } = (await answer) as { error: string; message: string };
      assert.equal(error, 'SASL_AUTHENTICATION_FAILED');
      assert.match(message, /^Authentication failed: /);
      assert.deepEqual([made.isOpen, made.access], [false, undefined]);
      assert.match(events.join(), /^authentication failed: .*,failed$/);
      assert.doesNotMatch(events.join() + message, /secret|hush/);
      assert.equal(made.handshake('PLAIN', false), 'ILLEGAL_SASL_STATE');
    });
  }

  it('fails by a mechanism that is not enabled', () => {
    const { made, events } = session();
    assert.equal(made.handshake('GSSAPI', false), 'UNSUPPORTED_SASL_MECHANISM');
    assert.equal(events.at(-1), 'failed');
  });

  it('ends in time, unless the client proves anew who it is', async () => {
    const { made, clock, logIn } = session({ maxReauthMs: 5000 });
    assert.deepEqual((await logIn('alice', 'secret')).error, 'NONE');
    await clock.advance(4000);
    const again = await logIn('alice', 'secret');
    assert.equal('sessionLifetimeMs' in again && again.sessionLifetimeMs, 5000);
    await clock.advance(4999);
    assert.equal(made.isExpired, false);
    await clock.advance(2);
    assert.equal(made.isExpired, true);
  });

  it('lasts no longer than the credential, or than the broker allows', async () => {
    for (const [maxReauthMs, lifetimeMs] of [
      [0, 3000],
      [5000, 3000],
      [2000, 2000],
    ] as const) {
      const { made } = session({ maxReauthMs, expiresAtMs: 1_003_000 });
      made.handshake('TOKEN', false);
      const answer = await made.authenticate(Buffer.alloc(0));
      assert.equal('sessionLifetimeMs' in answer && answer.sessionLifetimeMs, lifetimeMs);
    }
  });

  it('does not change its user or its mechanism, and not every second', async () => {
    const { made, clock, logIn } = session();
    await logIn('alice', 'secret');
    assert.equal(made.mayRepeat(), false);
    assert.equal(made.handshake('PLAIN', false), 'ILLEGAL_SASL_STATE');
    await clock.advance(1000);
    const answer = logIn('bob', 'hush');
    await clock.advance(100);
    const failed = await answer;
    assert.match(
      'message' in failed ? failed.message : '',
      /^Cannot change principals during re-authentication from User:alice/,
    );
    const other = session();
    await other.logIn('alice', 'secret');
    await other.clock.advance(1000);
    assert.equal(other.made.handshake('TOKEN', false), 'NONE');
    const refused = other.made.authenticate(Buffer.alloc(0));
    await other.clock.advance(100);
    const { message } = (await refused) as { message: string };
    assert.match(
      message,
      /'TOKEN' requested by client is not supported for re-authentication of mechanism 'PLAIN'/,
    );
  });
});
