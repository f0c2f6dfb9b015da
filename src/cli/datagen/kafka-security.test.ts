import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SettingsError } from '../settings-error.ts';
import { kafkaSecurity } from './kafka-security.ts';

const login = (options: string) => ({
  'security.protocol': 'SASL_PLAINTEXT',
  'sasl.mechanism': 'PLAIN',
  'sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required ${options};`,
});

describe('the properties of a Kafka client', () => {
  const right: readonly [properties: Record<string, string>, expected: object][] = [
    [{}, {}],
    [{ 'security.protocol': 'plaintext', 'sasl.mechanism': 'PLAIN' }, {}],
    [{ 'security.protocol': 'SSL', 'ssl.truststore.certificates': 'PEM' }, { tls: { ca: 'PEM' } }],
    [login('username="a" password="b\\"c"'), { user: { name: 'a', password: 'b"c' } }],
    [login('password=b username=a'), { user: { name: 'a', password: 'b' } }],
  ];
  for (const [properties, expected] of right)
    it(`${JSON.stringify(properties)} are understood`, () =>
      assert.deepEqual(kafkaSecurity(properties), expected));

  const wrong: readonly [properties: Record<string, string>, message: RegExp][] = [
    [{ 'security.protocol': 'TLS' }, /security.protocol is one of .* not 'TLS'/],
    [{ 'security.protocol': 'SASL_SSL' }, /must be PLAIN, not GSSAPI/],
    [login('username="a"'), /no username/],
    [{ 'security.protocol': 'SSL', 'ssl.truststore.location': import.meta.filename }, /is not PEM/],
    [{ 'security.protocol': 'SSL', 'ssl.truststore.location': '/does/not/exist' }, /cannot read/],
  ];
  for (const [properties, message] of wrong)
    it(`${JSON.stringify(properties)} are refused`, () =>
      assert.throws(
        () => kafkaSecurity(properties),
        (error) => error instanceof SettingsError && message.test(error.message),
      ));
});
