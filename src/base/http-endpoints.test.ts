import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseHttpEndpoints } from './http-endpoints.ts';

it('reads URLs and their user', () => {
  const basic = (user: string) => `Basic ${btoa(user)}`;
  const cases: [text: string, user: string | undefined, urls: string[], authorization: string | undefined][] =
    [
      ['http://h:1/', undefined, ['http://h:1'], undefined],
      ['https://h/a/, http://i:2', undefined, ['https://h/a', 'http://i:2'], undefined],
      ['http://h', 'n:p:q', ['http://h'], basic('n:p:q')],
      ['http://i,http://n:p%3A1@h', undefined, ['http://i', 'http://h'], basic('n:p:1')],
      ['http://n:p@h', 'other:one', ['http://h'], basic('other:one')],
    ];
  for (const [text, user, urls, authorization] of cases)
    assert.deepEqual(parseHttpEndpoints(text, user), { urls, authorization }, text);
  assert.throws(() => parseHttpEndpoints('h:1,,'), /Invalid URL/);
});
