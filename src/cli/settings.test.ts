import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseProperties } from './config-file.ts';
import { mistypedVariables, resolveSettings } from './settings.ts';
import { SettingsError } from './settings-error.ts';

const resolve = (sources: {
  flags?: Record<string, unknown>;
  environment?: Record<string, string>;
  file?: Record<string, unknown>;
}) => resolveSettings({ flags: {}, environment: {}, file: {}, ...sources });

describe('settings', () => {
  it('have defaults on loopback', () => {
    const settings = resolve({});
    assert.equal(settings.kafka, '127.0.0.1:9092');
    assert.equal(settings.http, '127.0.0.1:8088');
    assert.equal(settings.registry, '127.0.0.1:8081');
    assert.equal(settings.data, './millrace-data');
    assert.deepEqual(settings.users, []);
    assert.equal(settings.workers, undefined);
  });

  it('let queries have no threads of their own, but not fewer than none', () => {
    assert.equal(resolve({ flags: { workers: '0' } }).workers, 0);
    assert.equal(resolve({ file: { workers: 3 } }).workers, 3);
    assert.throws(
      () => resolve({ flags: { workers: '-1' } }),
      /--workers: "-1" is not a whole number of at least 0/,
    );
  });

  it('take flags before the environment before the file', () => {
    const file = { data: 'f', kafka: '127.0.0.1:1', logLevel: 'warn' };
    const environment = { MILLRACE_DATA: 'e', MILLRACE_KAFKA: '127.0.0.1:2' };
    const settings = resolve({ flags: { data: 'flag', http: undefined }, environment, file });
    assert.equal(settings.data, 'flag');
    assert.equal(settings.kafka, '127.0.0.1:2');
    assert.equal(settings.logLevel, 'warn');
  });

  it('accept the names of Kafka and ksqlDB', () => {
    const file = parseProperties(
      '# comment\nlisteners=PLAINTEXT://127.0.0.1:9\nlog.dirs = /d\nnum.partitions=3\nksql.streams.auto.offset.reset=earliest',
    );
    const settings = resolve({ file });
    assert.equal(settings.kafka, 'PLAINTEXT://127.0.0.1:9');
    assert.equal(settings.data, '/d');
    assert.deepEqual(settings.brokerConfig, { 'num.partitions': '3' });
    assert.deepEqual(settings.sqlProperties, { 'ksql.streams.auto.offset.reset': 'earliest' });
  });

  it('are missed where a name is mistyped', () => {
    assert.throws(() => resolve({ file: { dta: 'd' } }), /unknown setting 'dta'; did you mean data\?/);
    assert.throws(() => resolve({ file: { nothingLikeIt: 'd' } }), /; known are data, kafka, /);
    const environment = { MILLRACE_DATA: 'd', MILLRACE_WORKERZ: '2', HOME: '/' };
    assert.deepEqual(mistypedVariables({ ...environment, MILLRACE_SEED: '7' }), [
      { name: 'MILLRACE_WORKERZ', meant: 'MILLRACE_WORKERS' },
    ]);
  });

  it('tell the listeners of ksqlDB from those of Kafka', () => {
    const { http, kafka } = resolve({ file: parseProperties('listeners=http://0.0.0.0:8088/') });
    assert.deepEqual([http, kafka], ['0.0.0.0:8088', '127.0.0.1:9092']);
    for (const listeners of ['https://0.0.0.0:8088', 'http://a:1,http://b:2'])
      assert.throws(() => resolve({ file: { listeners } }), /listeners: .* is not one address http/);
  });

  it('know registries, here and elsewhere, and keep their passwords to themselves', () => {
    assert.equal(resolve({ flags: { registry: 'off' } }).registry, 'off');
    assert.throws(() => resolve({ flags: { registry: 'on' } }), /--registry: 'on' is not HOST:PORT/);
    const file = parseProperties(
      'ksql.schema.registry.url=http://r:8081\nksql.schema.registry.basic.auth.user.info=u:p',
    );
    const { schemaRegistryUrl, schemaRegistryUser } = resolve({ file });
    assert.deepEqual([schemaRegistryUrl, schemaRegistryUser], ['http://r:8081', 'u:p']);
    const wrong = () => resolve({ flags: { schemaRegistryUser: ':secret' } });
    assert.throws(wrong, (error: Error) => !error.message.includes('secret'));
  });

  it('know Kafka Connect by its URL', () => {
    const file = parseProperties('ksql.connect.url=http://c:8083\nksql.connect.request.timeout.ms=70');
    const { connectUrl, connectTimeoutMs, sqlProperties } = resolve({ file });
    assert.deepEqual([connectUrl, connectTimeoutMs, sqlProperties], ['http://c:8083', 70, {}]);
    const environment = { MILLRACE_CONNECT_URL: 'http://a:1, https://b/x' };
    assert.equal(resolve({ environment }).connectUrl, 'http://a:1,https://b/x');
    for (const wrong of ['c:8083', 'http://', 'ftp://n:secret@c', 'http://c:8083,'])
      assert.throws(
        () => resolve({ flags: { connectUrl: wrong } }),
        (error: Error) =>
          /^--connect-url: it is not a URL/.test(error.message) && !/secret/.test(error.message),
        wrong,
      );
  });

  it('take several listeners, and leave those of Kafka to Kafka', () => {
    const file = parseProperties(
      'listeners=SASL_SSL://:9093,PLAINTEXT://[::1]:9092\nlistener.name.sasl_ssl.ssl.client.auth=required',
    );
    const settings = resolve({ file });
    assert.equal(settings.kafka, 'SASL_SSL://:9093,PLAINTEXT://[::1]:9092');
    assert.deepEqual(settings.brokerConfig, { 'listener.name.sasl_ssl.ssl.client.auth': 'required' });
    const users = resolve({ file: { kafkaUsers: ['a:b', 'c:d'], addScram: ['e:f', 'g:h'] } });
    assert.deepEqual([users.kafkaUsers, users.addScram], ['a:b,c:d', 'e:f,g:h']);
  });

  it('read properties as Java does', () => {
    const text = [
      '! comment',
      'pem=-----BEGIN \\',
      '     KEY-----\\nabc==',
      'a\\ b : c',
      'empty=',
      'bare',
      '#x=1 \\',
      'path=C:\\\\dir\\u0041',
    ];
    assert.deepEqual(parseProperties(text.join('\n')), {
      pem: '-----BEGIN KEY-----\nabc==',
      'a b': 'c',
      empty: '',
      bare: '',
      path: 'C:\\dirA',
    });
  });

  it('understand lists, numbers and booleans from texts', () => {
    const settings = resolve({
      environment: {
        MILLRACE_USERS: 'a:b,c:d',
        MILLRACE_MAX_BODY_BYTES: '100',
        MILLRACE_ALLOW_INSECURE: 'true',
      },
    });
    assert.deepEqual(settings.users, ['a:b', 'c:d']);
    assert.equal(settings.maxBodyBytes, 100);
    assert.equal(settings.allowInsecure, true);
  });

  it('are named in a message as they were given', () => {
    assert.throws(() => resolve({ flags: { maxConnections: 'x' } }), /^SettingsError: --max-connections: /);
    const environment = { MILLRACE_MAX_CONNECTIONS: 'x' };
    assert.throws(() => resolve({ environment }), /^SettingsError: MILLRACE_MAX_CONNECTIONS: /);
    assert.throws(() => resolve({ file: { maxConnections: 'x' } }), /^SettingsError: maxConnections: /);
  });

  const refused: [file: Record<string, unknown>, message: RegExp][] = [
    [{ kafka: 'nowhere' }, /kafka: .*HOST:PORT/],
    [{ maxBodyBytes: 'many' }, /maxBodyBytes: "many" is not a whole number/],
    [{ maxBodyBytes: 0 }, /maxBodyBytes: 0 is not/],
    [{ 'log.dirs': '' }, /data: "" is not a text/],
    [{ users: ['a:b', 1] }, /users: 1 is not a text/],
    [{ kafkaUsers: 'secret' }, /kafkaUsers: each user is given as NAME:PASSWORD/],
    [{ addScram: ['a:b', 1] }, /addScram: it is not a text or a list of texts/],
    [{ allowInsecure: 'perhaps' }, /allowInsecure: "perhaps" is none of true, false/],
    [{ logLevel: 'loud' }, /logLevel/],
    [{ prot: 1 }, /unknown setting 'prot'/],
  ];
  for (const [file, message] of refused)
    it(`refuse ${JSON.stringify(file)} in one line`, () => {
      assert.throws(
        () => resolve({ file }),
        (error: Error) =>
          error instanceof SettingsError && message.test(error.message) && !error.message.includes('\n'),
      );
    });
});
