import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { basicAuthorizer } from './auth.ts';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('basic authentication', () => {
  const authorized = basicAuthorizer([
    { user: 'key', password: 'secret' },
    { user: 'ada', password: 'pass:word' },
  ]);
  const cases: [header: string | undefined, expected: boolean][] = [
    [basic('key:secret'), true],
    [basic('ada:pass:word'), true],
    [basic('key:secret').replace('Basic', 'bAsIc'), true],
    [basic('key:Secret'), false],
    [basic('key:'), false],
    [basic('ada:secret'), false],
    ['Bearer key:secret', false],
    ['Basic', false],
    ['Basic \u0000', false],
    [undefined, false],
  ];
  for (const [header, expected] of cases)
    it(`${expected ? 'lets in' : 'turns away'} ${JSON.stringify(header)}`, () => {
      assert.equal(authorized(header), expected);
    });
});
