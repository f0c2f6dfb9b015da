import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { after, before, describe, it } from 'node:test';
import { RawClient } from '../../../test/support/raw-client.ts';
import {
  ANY_FILTER,
  acl,
  clientOf,
  lines,
  nameOf,
  portOf,
  SETTINGS,
  startBroker,
} from '../../../test/support/secure-broker.ts';
import { MemoryFileSystem } from '../../base/memory-fs.ts';
import type { Broker } from '../broker.ts';
import { operations } from './acl.ts';
import { hash, hmac, saltPassword } from './scram-credential.ts';

describe('a SASL listener', () => {
  let broker: Broker;
  before(async () => {
    broker = await startBroker();
  });
  after(() => broker.stop());

  const connect = () => RawClient.connect(portOf(broker));

  it('tells what it serves, and which mechanisms, before it knows the client', async () => {
    const client = await connect();
    const { apiKeys } = await client.request('ApiVersions', 4, {});
    assert.ok([17, 36].every((key) => apiKeys.some(({ apiKey }) => apiKey === key)));
    const { errorCode, mechanisms } = await client.request('SaslHandshake', 1, { mechanism: 'GSSAPI' });
    assert.equal(nameOf(errorCode), 'UNSUPPORTED_SASL_MECHANISM');
    assert.deepEqual(mechanisms, ['SCRAM-SHA-256', 'SCRAM-SHA-512', 'PLAIN']);
    await client.closed;
  });

  it('closes on any other request', async () => {
    for (const isAfterHandshake of [false, true]) {
      const client = await connect();
      if (isAfterHandshake) await client.request('SaslHandshake', 1, { mechanism: 'PLAIN' });
      client.send('Metadata', 12, { topics: null });
      await client.closed;
    }
  });

  it('closes on a large request of a client it does not know', async () => {
    const client = await connect();
    client.sendBytes(Buffer.from([0, 0x0f, 0xff, 0xff, 0, 18]));
    await client.closed;
  });

  it('refuses a wrong password and closes', async () => {
    const client = await connect();
    const answer = await client.logIn('alice', 'wrong');
    assert.equal(nameOf(answer.errorCode), 'SASL_AUTHENTICATION_FAILED');
    assert.equal(answer.errorMessage, 'Authentication failed: Invalid username or password');
    await client.closed;
    assert.ok(!lines.some((each) => each.includes('aliceword') || each.includes('wrong,')));
  });

  it('takes tokens as they are after a handshake of version 0', async () => {
    const logInRaw = async (text: string) => {
      const client = await connect();
      await client.request('SaslHandshake', 0, { mechanism: 'PLAIN' });
      const length = Buffer.alloc(4);
      length.writeInt32BE(text.length);
      client.sendBytes(Buffer.concat([length, Buffer.from(text)]));
      return client;
    };
    await (await logInRaw('\0root\0wrong')).closed;
    const client = await logInRaw('\0root\0rootword');
    assert.equal((await client.nextFrame()).length, 0);
    assert.equal((await client.request('Metadata', 12, { topics: null })).brokers.length, 1);
    client.close();
  });

  it('does not begin anew at once, and knows no more tokens when it is open', async () => {
    const client = await clientOf(broker, 'root');
    const { errorCode } = await client.request('SaslHandshake', 1, { mechanism: 'PLAIN' });
    assert.equal(nameOf(errorCode), 'ILLEGAL_SASL_STATE');
    const late = await client.request('SaslAuthenticate', 2, { authBytes: Buffer.alloc(0) });
    assert.equal(nameOf(late.errorCode), 'ILLEGAL_SASL_STATE');
    client.close();
  });

  it('tells how long a session lasts, and closes on the first request after it', async () => {
    const strict = await startBroker({ config: { ...SETTINGS, 'connections.max.reauth.ms': '60' } });
    const client = await RawClient.connect(portOf(strict));
    assert.equal((await client.logIn('root', 'rootword')).sessionLifetimeMs, 60);
    assert.equal((await client.request('Metadata', 12, { topics: [] })).topics.length, 0);
    await new Promise((resolve) => setTimeout(resolve, 80));
    client.send('Metadata', 12, { topics: [] });
    await client.closed;
    await strict.stop();
  });

  it('is a stranger to SASL on a plain listener', async () => {
    const open = await startBroker({ listen: '127.0.0.1:0', config: {} });
    const client = await RawClient.connect(portOf(open));
    const { errorCode } = await client.request('SaslHandshake', 1, { mechanism: 'PLAIN' });
    assert.equal(nameOf(errorCode), 'ILLEGAL_SASL_STATE');
    const acls = await client.request('DescribeAcls', 3, ANY_FILTER);
    assert.equal(nameOf(acls.errorCode), 'SECURITY_DISABLED');
    const { results } = await client.request('CreateAcls', 3, {
      creations: [acl('alice', 'READ', 'TOPIC', 't')],
    });
    assert.equal(nameOf(results[0]!.errorCode), 'SECURITY_DISABLED');
    const token = await client.request('CreateDelegationToken', 3, {});
    assert.equal(nameOf(token.errorCode), 'DELEGATION_TOKEN_REQUEST_NOT_ALLOWED');
    client.close();
    await open.stop();
  });
});

describe('rules', () => {
  it('are made, found, kept over a restart and removed', async () => {
    const fs = new MemoryFileSystem();
    const first = await startBroker({ fs });
    const root = await clientOf(first, 'root');
    const creations = [
      acl('alice', 'READ', 'TOPIC', 't'),
      { ...acl('alice', 'WRITE', 'TOPIC', 't'), resourcePatternType: 4 },
      acl('alice', 'READ', 'CLUSTER', 'other'),
      acl('alice', 'READ', 'TOPIC', ''),
      { ...acl('alice', 'READ', 'TOPIC', 't'), principal: 'alice' },
      { ...acl('alice', 'READ', 'TOPIC', 't'), operation: 1 },
      acl('alice', 'READ', 'TOPIC', 't'),
    ];
    const { results } = await root.request('CreateAcls', 3, { creations });
    assert.deepEqual(
      results.map(({ errorCode }) => nameOf(errorCode)),
      ['NONE', 'NONE', ...Array(4).fill('INVALID_REQUEST'), 'NONE'],
    );
    root.close();
    await first.stop();

    const second = await startBroker({ fs });
    const client = await clientOf(second, 'root');
    const { resources } = await client.request('DescribeAcls', 3, ANY_FILTER);
    assert.deepEqual(
      resources.map(({ resourceName, patternType, acls }) => [resourceName, patternType, acls.length]),
      [
        ['t', 3, 1],
        ['t', 4, 1],
      ],
    );
    const filters = [
      { ...ANY_FILTER, operation: operations.codeOf('READ') },
      { ...ANY_FILTER, operation: 0 },
      ANY_FILTER,
    ];
    const { filterResults } = await client.request('DeleteAcls', 3, { filters });
    assert.deepEqual(
      filterResults.map(({ errorCode, matchingAcls }) => [nameOf(errorCode), matchingAcls.length]),
      [
        ['NONE', 1],
        ['INVALID_REQUEST', 0],
        ['NONE', 2],
      ],
    );
    assert.equal((await client.request('DescribeAcls', 3, ANY_FILTER)).resources.length, 0);
    client.close();
    await second.stop();
  });
});

describe('SCRAM users', () => {
  async function scramLogIn(client: RawClient, user: string, password: string): Promise<string> {
    const mechanism = 'SCRAM-SHA-256';
    await client.request('SaslHandshake', 1, { mechanism });
    const say = (text: string) => client.request('SaslAuthenticate', 2, { authBytes: Buffer.from(text) });
    const bare = `n=${user},r=nonce`;
    const first = await say(`n,,${bare}`);
    if (first.errorCode !== 0) return nameOf(first.errorCode);
    const challenge = first.authBytes.toString();
    const [, nonce, salt, iterations] = /^r=(.*),s=(.*),i=(.*)$/.exec(challenge)!;
    const salted = await saltPassword(mechanism, password, Buffer.from(salt!, 'base64'), Number(iterations));
    const key = hmac(mechanism, salted, 'Client Key');
    const signature = hmac(mechanism, hash(mechanism, key), `${bare},${challenge},c=biws,r=${nonce}`);
    const proof = Buffer.from(key.map((byte, index) => byte ^ signature[index]!)).toString('base64');
    return nameOf((await say(`c=biws,r=${nonce},p=${proof}`)).errorCode);
  }

  it('are there from the first start, made, described, and gone again, over restarts', async () => {
    const fs = new MemoryFileSystem();
    const first = await startBroker({
      fs,
      addScram: 'ann:annword,SCRAM-SHA-512=[name=ben,password=b,iterations=8192]',
    });
    const root = await clientOf(first, 'root');
    const salt = Buffer.from('saltsalt');
    const saltedPassword = await saltPassword('SCRAM-SHA-256', 'carlword', salt, 4096);
    const upsertion = { name: 'carl', mechanism: 1, iterations: 4096, salt, saltedPassword };
    const { results } = await root.request('AlterUserScramCredentials', 0, {
      deletions: [
        { name: 'nobody', mechanism: 1 },
        { name: 'ann', mechanism: 2 },
      ],
      upsertions: [
        upsertion,
        { ...upsertion, name: 'few', iterations: 4095 },
        { ...upsertion, name: 'many', iterations: 16_385 },
        { ...upsertion, name: 'odd', mechanism: 3 },
        { ...upsertion, name: '' },
        { ...upsertion, name: 'twice' },
        { ...upsertion, name: 'twice' },
      ],
    });
    const verdicts = Object.fromEntries(results.map(({ user, errorCode }) => [user, nameOf(errorCode)]));
    assert.deepEqual(verdicts, {
      nobody: 'RESOURCE_NOT_FOUND',
      ann: 'NONE',
      carl: 'NONE',
      few: 'UNACCEPTABLE_CREDENTIAL',
      many: 'UNACCEPTABLE_CREDENTIAL',
      odd: 'UNSUPPORTED_SASL_MECHANISM',
      '': 'UNACCEPTABLE_CREDENTIAL',
      twice: 'DUPLICATE_RESOURCE',
    });
    root.close();
    await first.stop();

    // The password of who is there already does not change back.
    const second = await startBroker({ fs, addScram: 'ann:other' });
    const client = await clientOf(second, 'root');
    const described = await client.request('DescribeUserScramCredentials', 0, { users: null });
    const infos = described.results.map(({ user, credentialInfos }) => [
      user,
      ...credentialInfos.map(({ mechanism, iterations }) => `${mechanism}:${iterations}`),
    ]);
    assert.deepEqual(infos, [
      ['ann', '1:4096', '2:4096'],
      ['ben', '2:8192'],
      ['carl', '1:4096'],
    ]);
    const unknown = await client.request('DescribeUserScramCredentials', 0, { users: [{ name: 'x' }] });
    assert.equal(nameOf(unknown.results[0]!.errorCode), 'RESOURCE_NOT_FOUND');
    for (const [user, password, outcome] of [
      ['ann', 'annword', 'NONE'],
      ['ann', 'other', 'SASL_AUTHENTICATION_FAILED'],
      ['carl', 'carlword', 'NONE'],
      ['nobody', 'x', 'SASL_AUTHENTICATION_FAILED'],
    ] as const) {
      const one = await RawClient.connect(portOf(second));
      assert.equal(await scramLogIn(one, user, password), outcome, user);
      one.close();
    }
    client.close();
    await second.stop();
  });
});

describe('secrets', () => {
  it('are in no log line and no description', async () => {
    const jaas = 'PlainLoginModule required user_dan="danword";';
    const config = {
      ...SETTINGS,
      'ssl.key.password': 'keyword',
      'listener.name.sasl_plaintext.plain.sasl.jaas.config': jaas,
    };
    lines.length = 0;
    const broker = await startBroker({ config, addScram: 'ann:annword' });
    (await clientOf(broker, 'dan')).close();
    const client = await clientOf(broker, 'root');
    const { results } = await client.request('DescribeConfigs', 4, {
      resources: [{ resourceType: 4, resourceName: '1', configurationKeys: null }],
      includeSynonyms: true,
    });
    const secret = results[0]!.configs.filter(({ isSensitive }) => isSensitive);
    assert.ok(secret.some(({ name }) => name === 'ssl.key.password'));
    for (const { value, synonyms } of secret)
      assert.deepEqual([value, ...synonyms.map((each) => each.value)], [null, ...synonyms.map(() => null)]);
    const said = JSON.stringify(results) + lines.join('\n');
    assert.doesNotMatch(said, /keyword|danword|rootword|annword/);
    const stolen = await client.request('Fetch', 12, {
      maxBytes: 1000,
      topics: [{ topic: '__millrace_metadata', partitions: [{ partition: 0, partitionMaxBytes: 1000 }] }],
    });
    assert.equal(nameOf(stolen.responses[0]!.partitions[0]!.errorCode), 'TOPIC_AUTHORIZATION_FAILED');
    client.close();
    await broker.stop();
  });
});
