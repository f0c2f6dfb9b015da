import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type PageGuardOptions, pageGuard } from './page-guard.ts';

const LOCAL: PageGuardOptions = { host: '127.0.0.1', users: [] };
const OPEN: PageGuardOptions = { host: '0.0.0.0', users: [] };
const USERS = [{}];

describe('a page guard', () => {
  const cases: [what: string, options: PageGuardOptions, host: string, passes: boolean][] = [
    ['loopback by address', LOCAL, '127.0.0.1:8088', true],
    ['loopback by name', LOCAL, 'localhost:8088', true],
    ['loopback without a port', LOCAL, 'LocalHost', true],
    ['loopback in IPv6', LOCAL, '[::1]:8088', true],
    ['loopback in IPv6 without a port', LOCAL, '[::1]', true],
    ['a name below localhost', LOCAL, 'shop.localhost:8088', true],
    ['any address', LOCAL, '192.168.1.9:8088', true],
    ['what containers call this machine', LOCAL, 'host.docker.internal:8088', true],
    ['a foreign name that leads here', LOCAL, 'evil.example:8088', false],
    ['the same with a dot behind', LOCAL, 'evil.example.:8088', false],
    ['a name that only looks like loopback', LOCAL, 'localhost.evil.example', false],
    ['a name that only looks like an address', LOCAL, '127.0.0.1.evil.example', false],
    ['no name at all', LOCAL, '', false],
    ['a foreign name at localhost', { ...LOCAL, host: 'localhost' }, 'evil.example', false],
    ['the name it listens at', { ...OPEN, host: 'Box', allowedHosts: ['proxy'] }, 'box:8088', true],
    ['a name of the setting', { ...LOCAL, allowedHosts: ['Shop.example'] }, 'shop.example', true],
    ['another', { ...LOCAL, allowedHosts: ['shop.example'] }, 'x.shop.example', false],
    [
      'a name below one of the setting',
      { ...LOCAL, allowedHosts: ['.shop.example'] },
      'x.shop.example',
      true,
    ],
    ['one that only ends like it', { ...LOCAL, allowedHosts: ['.shop.example'] }, 'evilshop.example', false],
    ['any, if the setting says so', { ...LOCAL, allowedHosts: ['*'] }, 'evil.example', true],
    ['any, where every page may come', { ...LOCAL, allowOrigin: '*' }, 'evil.example', true],
    ['that of the pages it lets in', { ...LOCAL, allowOrigin: 'http://page:3000' }, 'page:8088', true],
    ['any, where a password is asked for', { ...LOCAL, users: USERS }, 'evil.example', true],
    ['a name of a network', OPEN, 'millrace:8088', true],
    ['a name of a network that the setting has not', { ...OPEN, allowedHosts: ['millrace'] }, 'evil', false],
    [
      'a name that is not in the setting, with users',
      { ...LOCAL, users: USERS, allowedHosts: ['a'] },
      'b',
      false,
    ],
  ];
  for (const [what, options, host, passes] of cases)
    it(`${passes ? 'takes' : 'refuses'} ${what}`, () => {
      const guard = pageGuard(options);
      for (const headers of [{ host }, { ':authority': host }, { host, origin: `http://${host}` }]) {
        const problem = guard(headers);
        assert.equal(problem === undefined, passes, problem);
        if (problem) assert.match(problem, /allowedHosts=/);
      }
    });

  it('takes what tells neither name nor origin', () => {
    assert.equal(pageGuard(LOCAL)({}), undefined);
  });

  it('refuses pages of other sites that name this server by its address', () => {
    assert.match(
      pageGuard(LOCAL)({ host: '127.0.0.1', origin: 'http://evil' })!,
      /allowOrigin=http:\/\/evil/,
    );
  });
});
