import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatHostPort, isLoopback, javaAddress, parseHostPort } from './address.ts';

describe('addresses', () => {
  const cases: [text: string, host: string, port: number][] = [
    ['127.0.0.1:9092', '127.0.0.1', 9092],
    ['localhost:0', 'localhost', 0],
    ['[::1]:8088', '::1', 8088],
    ['PLAINTEXT://broker:9092', 'broker', 9092],
    ['http://127.0.0.1:8088/', '127.0.0.1', 8088],
    [':9092', '0.0.0.0', 9092],
  ];
  for (const [text, host, port] of cases)
    it(text, () => {
      assert.deepEqual(parseHostPort(text), { host, port });
    });

  for (const text of ['', 'localhost', 'a:b', '::1:99999', '1.2.3.4:70000', 'a:1:2'])
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseHostPort(text), RangeError);
    });

  it('are printed as Java does', () => {
    for (const [address, printed] of [
      ['127.0.0.1', '127.0.0.1'],
      ['::ffff:10.0.0.1', '10.0.0.1'],
      ['::1', '0:0:0:0:0:0:0:1'],
      ['fe80::1%eth0', 'fe80:0:0:0:0:0:0:1'],
      ['2001:db8::', '2001:db8:0:0:0:0:0:0'],
      ['2001:0db8:0:0:1:0:0:1', '2001:db8:0:0:1:0:0:1'],
    ])
      assert.equal(javaAddress(address!), printed);
  });

  it('brackets IPv6 and knows loopback addresses', () => {
    assert.equal(formatHostPort({ host: '::1', port: 1 }), '[::1]:1');
    assert.deepEqual(['127.0.0.2', 'localhost', '::1', '0.0.0.0', '10.0.0.1'].filter(isLoopback), [
      '127.0.0.2',
      'localhost',
      '::1',
    ]);
  });
});
