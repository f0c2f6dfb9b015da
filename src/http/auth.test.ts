import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { PERMISSIONS } from '../engine/service/access.ts';
import { identifier, type Role } from './auth.ts';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('basic authentication', () => {
  const identify = identifier([
    { user: 'key', password: 'secret', role: 'admin' },
    { user: 'ada', password: 'pass:word', role: 'reader' },
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
      assert.equal(identify(header, '') !== undefined, expected);
    });
});

describe('roles', () => {
  const cases: [role: Role, permissions: string][] = [
    ['reader', 'read'],
    ['writer', 'read write'],
    ['developer', 'read write define'],
    ['admin', 'read write define administer'],
  ];
  for (const [role, expected] of cases)
    it(`let a ${role} ${expected}`, () => {
      const access = identifier([{ user: 'u', password: 'p', role }])(basic('u:p'), '');
      const permissions = PERMISSIONS.filter((permission) => access?.may(permission));
      assert.equal(permissions.join(' '), expected);
    });
});
