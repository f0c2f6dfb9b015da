import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { authority } from '../../../test/support/certificates.ts';
import { StartError } from '../start-error.ts';
import { subjectOf } from './distinguished-name.ts';
import { principalMapping } from './principal-mapping.ts';

const ADMIN = 'CN=kafka.Admin,OU=Ops,O=Example,L=Town,C=DE';

describe('names in certificates', () => {
  const cases: readonly [rules: string, name: string, user: string | undefined][] = [
    ['DEFAULT', ADMIN, ADMIN],
    ['RULE:^CN=(.*?),OU=Ops,.*$/$1/', ADMIN, 'kafka.Admin'],
    ['RULE:^CN=(.*?),OU=Ops,.*$/$1/L', ADMIN, 'kafka.admin'],
    ['RULE:^CN=(.*?),OU=Ops,.*$/$1/U, DEFAULT', ADMIN, 'KAFKA.ADMIN'],
    ['RULE:^CN=(.*?),OU=Dev,.*$/$1/,DEFAULT', ADMIN, ADMIN],
    ['RULE:^CN=(.*?),OU=Dev,.*$/$1/', ADMIN, undefined],
    ['RULE:CN=(\\w+).*/$1@x/', ADMIN, 'kafka@x'],
    ['RULE:Admin/x/', ADMIN, undefined],
    ['RULE:^CN=a\\/b$/slash/', 'CN=a/b', 'slash'],
    ['RULE:^CN=(a)$/$1/L,RULE:^CN=(b)$/second-$1/', 'CN=b', 'second-b'],
  ];
  for (const [rules, name, user] of cases)
    it(`${rules} of ${name}`, () => assert.equal(principalMapping(rules)(name), user));

  for (const rules of ['NONSENSE', 'RULE:x', 'RULE:(/x/', 'DEFAULT RULE:a/b/'])
    it(`refuses ${rules}`, () => assert.throws(() => principalMapping(rules), StartError));

  it('are read in the form of RFC 2253', async () => {
    const { certificate } = await (await authority()).issue('C=DE,O=Ex\\, Inc.,OU=Änderung,CN=alice,E=a@b.c');
    const hex = '1.2.840.113549.1.9.1=#1605'.concat(Buffer.from('a@b.c').toString('hex'));
    const subject = subjectOf(new X509Certificate(certificate).raw);
    assert.equal(subject, `${hex},CN=alice,OU=Änderung,O=Ex\\, Inc.,C=DE`);
  });
});
