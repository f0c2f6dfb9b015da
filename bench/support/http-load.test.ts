import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isWhole } from './http-load.ts';

describe('an HTTP answer', () => {
  for (const [what, text, whole] of [
    ['with half a head', 'HTTP/1.1 200 OK\r\nContent-', false],
    ['with a length, body missing', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab', false],
    ['with a length, complete', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc', true],
    [
      'in chunks, last one missing',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n',
      false,
    ],
    [
      'in chunks, complete',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
      true,
    ],
  ] as const) {
    it(`${what} is ${whole ? '' : 'not '}whole`, () => assert.equal(isWhole(text), whole));
  }
});
