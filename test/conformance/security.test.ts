// Apache Kafka's own clients and tools against SASL_SSL, SCRAM and ACLs.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { afterTest } from '../support/after-test.ts';
import { authority } from '../support/certificates.ts';
import { java, kafkaClasspath } from '../support/foreign.ts';
import { startServer, temporaryFolder } from '../support/server.ts';

const skip = kafkaClasspath() ? false : 'Apache Kafka jars or Java are missing (scripts/fetch-rivals.sh)';
const TOOLS = 'org.apache.kafka.tools';

async function secureServer(t: TestContext) {
  const folder = await temporaryFolder(t);
  const ca = await authority();
  const { key, certificate } = await ca.issue('CN=server');
  const path = (name: string) => join(folder, name);
  await writeFile(path('server.pem'), `${key}\n${certificate}`);
  await writeFile(path('ca.pem'), ca.certificate);
  const settings = {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': path('server.pem'),
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:admin',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(path('server.properties'), lines.join(''));
  const server = await startServer({
    data: path('data'),
    kafka: 'SASL_SSL://localhost:0',
    args: ['--config', path('server.properties'), '--add-scram', 'admin:adminword'],
  });
  afterTest(t, () => server.stop());
  /** A file of client settings for this user. */
  const client = async (user: string) => {
    const login = 'org.apache.kafka.common.security.scram.ScramLoginModule';
    const text = [
      'security.protocol=SASL_SSL',
      'sasl.mechanism=SCRAM-SHA-512',
      `sasl.jaas.config=${login} required username="${user}" password="${user}word";`,
      'ssl.truststore.type=PEM',
      `ssl.truststore.location=${path('ca.pem')}`,
    ];
    await writeFile(path(`${user}.properties`), text.join('\n'));
    return path(`${user}.properties`);
  };
  return { server, client };
}

describe('Apache Kafka 4.1 clients on a secure listener', { skip }, () => {
  it('make users and rules, and are let in and kept out by them', { timeout: 240_000 }, async (t) => {
    const { server, client } = await secureServer(t);
    const at = ['--bootstrap-server', server.kafka];
    const admin = [...at, '--command-config', await client('admin')];
    const run = async (tool: string, args: readonly string[], input = '') => {
      const { code, stdout, stderr } = await java(tool, args, { input, timeoutMs: 60_000 });
      return { code, text: stdout + stderr };
    };

    const user = ['--alter', '--entity-type', 'users', '--entity-name', 'alice'];
    const added = await run('kafka.admin.ConfigCommand', [
      ...admin,
      ...user,
      '--add-config',
      'SCRAM-SHA-512=[iterations=4096,password=aliceword]',
    ]);
    assert.equal(added.code, 0, added.text);

    const produce = async () =>
      run(
        `${TOOLS}.ConsoleProducer`,
        [
          ...at,
          '--producer.config',
          await client('alice'),
          '--topic',
          'orders-1',
          '--request-timeout-ms',
          '5000',
        ],
        'hello\n',
      );
    assert.match((await produce()).text, /TopicAuthorizationException/);

    const acls = [`${TOOLS}.AclCommand`, 'kafka.admin.AclCommand'];
    const pattern = ['--topic', 'orders-', '--resource-pattern-type', 'prefixed'];
    const allow = ['--add', '--allow-principal', 'User:alice', '--producer', ...pattern];
    const tool = (await run(acls[0]!, [...admin, ...allow])).code === 0 ? acls[0]! : acls[1]!;
    const listed = await run(tool, [...admin, '--list']);
    assert.match(
      listed.text,
      /resourceType=TOPIC, name=orders-, patternType=PREFIXED[\s\S]*principal=User:alice, host=\*, operation=WRITE, permissionType=ALLOW/,
    );

    assert.doesNotMatch((await produce()).text, /Exception/);
    const consume = async (name: string) =>
      run(`${TOOLS}.consumer.ConsoleConsumer`, [
        ...at,
        '--consumer.config',
        await client(name),
        ...['--topic', 'orders-1', '--partition', '0', '--offset', 'earliest'],
        ...['--max-messages', '1', '--timeout-ms', '15000'],
      ]);
    assert.match((await consume('admin')).text, /^hello$/m);
    assert.match((await consume('alice')).text, /TopicAuthorizationException/);
    assert.match(server.log(), /denied.*User:alice/);
    assert.doesNotMatch(server.log(), /aliceword|adminword/);
  });
});
