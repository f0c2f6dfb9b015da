import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StartError } from '../start-error.ts';
import { usersOfJaas, usersOfList } from './jaas.ts';
import { ListenerConfig } from './listener-config.ts';
import { parseListeners } from './listeners.ts';

const map = (config: Record<string, string>) => new Map(Object.entries(config));

describe('listeners', () => {
  const cases: readonly [name: string, text: string, config: Record<string, string>, expected: object[]][] = [
    [
      'one address is PLAINTEXT',
      '127.0.0.1:9092',
      {},
      [{ name: 'PLAINTEXT', protocol: 'PLAINTEXT', host: '127.0.0.1', port: 9092 }],
    ],
    [
      'protocols name themselves',
      'SASL_SSL://:9093, ssl://[::1]:9094',
      {},
      [
        { name: 'SASL_SSL', protocol: 'SASL_SSL', host: '0.0.0.0', port: 9093 },
        { name: 'SSL', protocol: 'SSL', host: '::1', port: 9094 },
      ],
    ],
    [
      'names of the user, advertised',
      'INSIDE://0.0.0.0:9092,OUTSIDE://0.0.0.0:9093',
      {
        'listener.security.protocol.map': 'INSIDE:PLAINTEXT,OUTSIDE:SASL_SSL',
        'advertised.listeners': 'INSIDE://broker:9092,OUTSIDE://example.org:19093',
      },
      [
        {
          name: 'INSIDE',
          protocol: 'PLAINTEXT',
          host: '0.0.0.0',
          port: 9092,
          advertised: { host: 'broker', port: 9092 },
        },
        {
          name: 'OUTSIDE',
          protocol: 'SASL_SSL',
          host: '0.0.0.0',
          port: 9093,
          advertised: { host: 'example.org', port: 19093 },
        },
      ],
    ],
    [
      'those of a controller are nothing for clients',
      'PLAINTEXT://:9092,CONTROLLER://:9093',
      { 'controller.listener.names': 'CONTROLLER' },
      [{ name: 'PLAINTEXT', protocol: 'PLAINTEXT', host: '0.0.0.0', port: 9092 }],
    ],
  ];
  for (const [name, text, config, expected] of cases)
    it(name, () => assert.deepEqual(parseListeners(text, map(config)), expected));

  const wrong: readonly [text: string, config: Record<string, string>, message: RegExp][] = [
    ['', {}, /none for clients/],
    ['here', {}, /'here' is neither/],
    ['OUTSIDE://:9092', {}, /no protocol for OUTSIDE/],
    ['PLAINTEXT://:9092,PLAINTEXT://:9093', {}, /two listeners PLAINTEXT/],
    ['A://:1', { 'listener.security.protocol.map': 'A:TLS' }, /'A:TLS' is not NAME:PROTOCOL/],
    [':9092', { 'advertised.listeners': 'SSL://a:1' }, /SSL is none of listeners/],
  ];
  for (const [text, config, message] of wrong) {
    it(`refuses ${text} ${Object.values(config)}`, () => {
      assert.throws(
        () => parseListeners(text, map(config)),
        (error) =>
          error instanceof StartError && message.test(error.message) && !error.message.includes('\n'),
      );
    });
  }
});

describe('settings of a listener', () => {
  it('come from the nearest name', () => {
    const config = map({
      'connections.max.reauth.ms': '1',
      'listener.name.outside.connections.max.reauth.ms': '2',
      'listener.name.outside.plain.connections.max.reauth.ms': '3',
    });
    const outside = new ListenerConfig(config, 'OUTSIDE');
    assert.equal(outside.number('connections.max.reauth.ms', 'PLAIN'), 3);
    assert.equal(outside.number('connections.max.reauth.ms', 'SCRAM-SHA-256'), 2);
    assert.equal(new ListenerConfig(config, 'INSIDE').number('connections.max.reauth.ms'), 1);
    assert.equal(outside.number('connection.failed.authentication.delay.ms'), 100);
    assert.equal(outside.own('ssl.client.auth'), undefined);
  });
});

describe('users of PLAIN', () => {
  it('stand in a JAAS line', () => {
    const line = `org.apache.kafka.common.security.plain.PlainLoginModule required username="admin" password="x" user_admin="a=b;c" user_bob='no' user_alice="say \\"hi\\"";`;
    assert.deepEqual(
      [...usersOfJaas(line.replace("user_bob='no' ", 'user_bob=plain '))],
      [
        ['admin', 'a=b;c'],
        ['bob', 'plain'],
        ['alice', 'say "hi"'],
      ],
    );
  });

  it('or in a list, which is not repeated when it is wrong', () => {
    assert.deepEqual(
      [...usersOfList('alice:a:b, bob:c')],
      [
        ['alice', 'a:b'],
        ['bob', 'c'],
      ],
    );
    assert.throws(
      () => usersOfList('s3cret'),
      (error) => error instanceof StartError && !error.message.includes('s3cret'),
    );
  });
});
