// Clients over TLS, with and without a password, and what happens when certificates change.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { ConnectionOptions } from 'node:tls';
import { pathToFileURL } from 'node:url';
import { Producer } from '@platformatic/kafka';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { Kafka, logLevel, type SASLOptions } from 'kafkajs';
import { systemClock } from '../../src/base/clock.ts';
import { createLogger } from '../../src/base/logger.ts';
import { Millrace } from '../../src/millrace.ts';
import { afterTest } from '../support/after-test.ts';
import { type Authority, authority, type Identity } from '../support/certificates.ts';
import { hasCommand, runProgram } from '../support/foreign.ts';
import { RawClient } from '../support/raw-client.ts';
import { eventually, temporaryFolder } from '../support/server.ts';

const pem = ({ key, certificate }: Identity) => `${key}\n${certificate}`;

/** A server in this process with one listener, whose certificate and trust are files. */
async function secureServer(
  t: TestContext,
  protocol: 'SSL' | 'SASL_SSL',
  config: Record<string, string> = {},
) {
  const folder = await temporaryFolder(t);
  const ca = await authority();
  const keyStore = join(folder, 'server.pem');
  const trustStore = join(folder, 'ca.pem');
  await writeFile(keyStore, pem(await ca.issue('CN=server')));
  await writeFile(trustStore, ca.certificate);
  let log = '';
  const write = (line: string) => {
    log += line;
  };
  const millrace = await Millrace.start({
    data: 'memory',
    kafka: `${protocol}://localhost:0`,
    addScram: 'ann:annword',
    workers: 0,
    logger: createLogger({ level: 'debug', clock: systemClock, write }),
    brokerConfig: {
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': keyStore,
      'ssl.truststore.location': trustStore,
      ...config,
    },
  });
  afterTest(t, () => millrace.stop());
  const port = Number(millrace.kafkaAddress.split(':')[1]);
  return { millrace, ca, keyStore, port, log: () => log };
}

describe('TLS', () => {
  for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512'] as const) {
    it(`kafkajs produces and consumes with ${mechanism}`, async (t) => {
      const { ca, port } = await secureServer(t, 'SASL_SSL', { 'sasl.plain.users': 'ann:annword' });
      const sasl = { mechanism, username: 'ann', password: 'annword' } as SASLOptions;
      const brokers = [`localhost:${port}`];
      const kafka = new Kafka({ brokers, ssl: { ca: ca.certificate }, sasl, logLevel: logLevel.NOTHING });
      const producer = kafka.producer();
      await producer.connect();
      // More than fits in one record of TLS.
      await producer.send({ topic: 't', messages: [{ value: 'x'.repeat(100_000) }, { value: 'last' }] });
      await producer.disconnect();
      const consumer = kafka.consumer({ groupId: 'g' });
      afterTest(t, () => consumer.disconnect());
      await consumer.subscribe({ topic: 't', fromBeginning: true });
      const values: number[] = [];
      await consumer.run({
        eachMessage: async ({ message }) => {
          values.push(message.value?.length ?? 0);
        },
      });
      await eventually('both records', () => (values.length === 2 ? true : undefined));
      assert.deepEqual(values, [100_000, 4]);
    });
  }

  it('kafkajs logs in with a token, by a key set in a file', async (t) => {
    const folder = await temporaryFolder(t);
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const keys = [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }];
    await writeFile(join(folder, 'keys.json'), JSON.stringify({ keys }));
    const { ca, port } = await secureServer(t, 'SASL_SSL', {
      'sasl.enabled.mechanisms': 'OAUTHBEARER',
      'sasl.oauthbearer.jwks.endpoint.url': pathToFileURL(join(folder, 'keys.json')).href,
      'sasl.oauthbearer.expected.audience': 'kafka',
    });
    const token = (audience: string) =>
      new SignJWT({ sub: 'ann' })
        .setProtectedHeader({ alg: 'ES256', kid: 'k' })
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(privateKey);
    const listTopics = async (audience: string) => {
      const oauthBearerProvider = async () => ({ value: await token(audience) });
      const kafka = new Kafka({
        brokers: [`localhost:${port}`],
        ssl: { ca: ca.certificate },
        sasl: { mechanism: 'oauthbearer', oauthBearerProvider },
        logLevel: logLevel.NOTHING,
        retry: { retries: 0 },
      });
      const admin = kafka.admin();
      await admin.connect();
      const topics = await admin.listTopics();
      await admin.disconnect();
      return topics;
    };
    assert.ok(Array.isArray(await listTopics('kafka')));
    await assert.rejects(listTopics('other'));
  });

  it('reads a PKCS12 file', { skip: hasCommand('openssl') ? false : 'openssl is missing' }, async (t) => {
    const folder = await temporaryFolder(t);
    const ca = await authority();
    await writeFile(join(folder, 'server.pem'), pem(await ca.issue('CN=packed')));
    const args = ['pkcs12', '-export', '-in', join(folder, 'server.pem'), '-out', join(folder, 'server.p12')];
    assert.equal((await runProgram('openssl', [...args, '-passout', 'pass:packword'])).code, 0);
    const millrace = await Millrace.start({
      data: 'memory',
      kafka: 'SSL://127.0.0.1:0',
      brokerConfig: {
        'ssl.keystore.location': join(folder, 'server.p12'),
        'ssl.keystore.password': 'packword',
      },
    });
    afterTest(t, () => millrace.stop());
    const port = Number(millrace.kafkaAddress.split(':')[1]);
    const client = await RawClient.connectTls(port, { ca: ca.certificate });
    assert.equal(client.peerSubject, 'packed');
    client.close();
  });

  it('@platformatic/kafka produces with SCRAM', async (t) => {
    const { ca, port } = await secureServer(t, 'SASL_SSL');
    const producer = new Producer({
      clientId: 'test',
      bootstrapBrokers: [`localhost:${port}`],
      autocreateTopics: true,
      tls: { ca: ca.certificate },
      sasl: { mechanism: 'SCRAM-SHA-512', username: 'ann', password: 'annword' },
    });
    afterTest(t, () => producer.close());
    const { offsets } = await producer.send({
      messages: [{ topic: 't', value: Buffer.from('a') }],
    });
    assert.equal(offsets?.[0]?.offset, 0n);
  });

  it('knows clients by their certificates, through the rules for their names', async (t) => {
    const { ca, port, log } = await secureServer(t, 'SSL', {
      'ssl.client.auth': 'required',
      'ssl.principal.mapping.rules': 'RULE:^CN=(.*?),OU=Dev$/$1/L',
      'authorizer.class.name': 'acl',
      'super.users': 'User:root',
    });
    const see = async (options: ConnectionOptions) => {
      const client = await RawClient.connectTls(port, { ca: ca.certificate, ...options });
      try {
        return (await client.request('Metadata', 12, { topics: [{ name: 'x' }] })).topics[0]?.errorCode;
      } catch {
        return 'closed';
      } finally {
        client.close();
      }
    };
    const as = async (issuer: Authority, name: string) => {
      const { key, certificate: cert } = await issuer.issue(name);
      return see({ key, cert });
    };
    assert.equal(await as(ca, 'OU=Dev,CN=Root'), 0);
    assert.equal(await as(ca, 'OU=Dev,CN=other'), 29);
    assert.equal(await as(ca, 'OU=Ops,CN=Root'), 'closed');
    assert.equal(await as(await authority(), 'OU=Dev,CN=Root'), 'closed');
    assert.equal(await see({}), 'closed');
    assert.match(log(), /denied .*User:other/);
  });

  it('requests a certificate without requiring one, but then a good one', async (t) => {
    const { ca, port } = await secureServer(t, 'SSL', { 'ssl.client.auth': 'requested' });
    const isServed = async (options: ConnectionOptions) => {
      const client = await RawClient.connectTls(port, { ca: ca.certificate, ...options });
      const answer = await client.request('Metadata', 12, { topics: [] }).catch(() => undefined);
      client.close();
      return answer !== undefined;
    };
    const { key, certificate: cert } = await (await authority()).issue('CN=stranger');
    assert.equal(await isServed({}), true);
    assert.equal(await isServed({ key, cert }), false);
  });

  it('shows a new certificate when its file changes, and the old one when that is none', async (t) => {
    const { ca, keyStore, port, log } = await secureServer(t, 'SSL');
    const subject = async () => {
      const client = await RawClient.connectTls(port, { ca: ca.certificate });
      const name = client.peerSubject;
      client.close();
      return name;
    };
    assert.equal(await subject(), 'server');
    await writeFile(keyStore, 'no certificate');
    await eventually('a complaint', () => (/cannot be renewed/.test(log()) ? true : undefined));
    assert.equal(await subject(), 'server');
    await writeFile(keyStore, pem(await ca.issue('CN=renewed')));
    await eventually('the new certificate', async () => ((await subject()) === 'renewed' ? true : undefined));
  });

  it('says what is wrong with key and certificate in one line', async () => {
    const ca = await authority();
    const [one, other] = [await ca.issue('CN=one'), await ca.issue('CN=other')];
    const start = (brokerConfig: Record<string, string>) =>
      Millrace.start({ data: 'memory', kafka: 'SSL://127.0.0.1:0', brokerConfig });
    await assert.rejects(start({}), /^StartError: ssl\.keystore\.location: a TLS listener needs/);
    await assert.rejects(
      start({ 'ssl.keystore.location': '/nowhere.pem' }),
      /there is no file \/nowhere\.pem/,
    );
    await assert.rejects(
      start({ 'ssl.keystore.location': 'x.jks' }),
      /^StartError: ssl\.keystore\.(type: JKS cannot be read here|location: there is no file)/,
    );
    await assert.rejects(
      start({ 'ssl.keystore.key': one.key, 'ssl.keystore.certificate.chain': other.certificate }),
      /cannot be used: .*mismatch/,
    );
  });
});
