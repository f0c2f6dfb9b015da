import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Operation } from '../access.ts';
import type { AclBinding } from './acl.ts';
import { type AclFilter, matchesFilter } from './acl-filter.ts';
import { AclIndex } from './acl-index.ts';

const BASE: AclBinding = {
  resourceType: 'TOPIC',
  resourceName: 'orders',
  patternType: 'LITERAL',
  principal: 'User:alice',
  host: '*',
  operation: 'READ',
  permission: 'ALLOW',
};

function indexOf(...acls: readonly Partial<AclBinding>[]): AclIndex {
  const index = new AclIndex();
  acls.forEach((acl, number) => {
    index.add(String(number), { ...BASE, ...acl });
  });
  return index;
}

describe('rules', () => {
  const cases: readonly [name: string, acls: Partial<AclBinding>[], operation: Operation, verdict: string][] =
    [
      ['nobody speaks of the resource', [{ resourceName: 'other' }], 'READ', 'none'],
      ['a literal name', [{}], 'READ', 'allowed'],
      ['another operation', [{}], 'WRITE', 'denied'],
      ['the wildcard', [{ resourceName: '*' }], 'READ', 'allowed'],
      ['a prefix', [{ resourceName: 'ord', patternType: 'PREFIXED' }], 'READ', 'allowed'],
      ['the whole name as a prefix', [{ patternType: 'PREFIXED' }], 'READ', 'allowed'],
      ['a longer prefix', [{ resourceName: 'orders-', patternType: 'PREFIXED' }], 'READ', 'none'],
      ['a prefix * is no wildcard', [{ resourceName: '*', patternType: 'PREFIXED' }], 'READ', 'none'],
      ['everybody', [{ principal: 'User:*' }], 'READ', 'allowed'],
      ['somebody else', [{ principal: 'User:bob' }], 'READ', 'denied'],
      ['this host', [{ host: '10.0.0.1' }], 'READ', 'allowed'],
      ['another host', [{ host: '10.0.0.2' }], 'READ', 'denied'],
      ['all operations', [{ operation: 'ALL' }], 'ALTER', 'allowed'],
      ['READ lets describe', [{}], 'DESCRIBE', 'allowed'],
      ['DELETE lets describe', [{ operation: 'DELETE' }], 'DESCRIBE', 'allowed'],
      ['CREATE does not let describe', [{ operation: 'CREATE' }], 'DESCRIBE', 'denied'],
      [
        'ALTER_CONFIGS lets describe configs',
        [{ operation: 'ALTER_CONFIGS' }],
        'DESCRIBE_CONFIGS',
        'allowed',
      ],
      ['DESCRIBE does not let read', [{ operation: 'DESCRIBE' }], 'READ', 'denied'],
      ['deny wins', [{}, { resourceName: '*', permission: 'DENY' }], 'READ', 'denied'],
      ['deny all', [{}, { operation: 'ALL', permission: 'DENY' }], 'READ', 'denied'],
      [
        'a denied READ still lets describe',
        [{ operation: 'ALL' }, { permission: 'DENY' }],
        'DESCRIBE',
        'allowed',
      ],
      ['another type of resource', [{ resourceType: 'GROUP' }], 'READ', 'none'],
    ];
  for (const [name, acls, operation, verdict] of cases) {
    it(name, () => {
      const client = { principal: 'User:alice', host: '10.0.0.1' };
      assert.equal(indexOf(...acls).decide(client, operation, 'TOPIC', 'orders'), verdict);
    });
  }

  it('end with their removal', () => {
    const index = indexOf({});
    index.remove('0');
    assert.equal(index.decide({ principal: 'User:alice', host: '' }, 'READ', 'TOPIC', 'orders'), 'none');
    assert.equal(index.size, 0);
  });
});

describe('rules for any resource of a type', () => {
  const prefixed = (resourceName: string, permission: 'ALLOW' | 'DENY') =>
    ({ resourceName, permission, patternType: 'PREFIXED' }) as const;
  const cases: readonly [name: string, acls: Partial<AclBinding>[], isAllowed: boolean][] = [
    ['none', [], false],
    ['one name', [{}], true],
    ['one name that is denied', [{}, { permission: 'DENY' }], false],
    ['one name, another denied', [{}, { resourceName: 'x', permission: 'DENY' }], true],
    ['one name below a denied prefix', [{}, prefixed('o', 'DENY')], false],
    ['a prefix below a denied prefix', [prefixed('ord', 'ALLOW'), prefixed('o', 'DENY')], false],
    ['a prefix above a denied prefix', [prefixed('o', 'ALLOW'), prefixed('ord', 'DENY')], true],
    ['a prefix of which one name is denied', [prefixed('orders', 'ALLOW'), { permission: 'DENY' }], true],
    ['everything but a prefix', [{ resourceName: '*' }, prefixed('o', 'DENY')], true],
    ['everything denied', [{}, { resourceName: '*', permission: 'DENY' }], false],
    ['another operation', [{ operation: 'WRITE' }], false],
  ];
  for (const [name, acls, isAllowed] of cases) {
    it(name, () => {
      const client = { principal: 'User:alice', host: '10.0.0.1' };
      assert.equal(indexOf(...acls).decideAny(client, 'READ', 'TOPIC'), isAllowed);
    });
  }
});

const anyAcl: fc.Arbitrary<AclBinding> = fc.record({
  resourceType: fc.constantFrom('TOPIC', 'GROUP'),
  resourceName: fc.constantFrom('*', 'a', 'aa', 'ab', 'abc', 'b'),
  patternType: fc.constantFrom('LITERAL', 'PREFIXED'),
  principal: fc.constantFrom('User:a', 'User:b', 'User:*'),
  host: fc.constantFrom('*', 'h1', 'h2'),
  operation: fc.constantFrom('ALL', 'READ', 'WRITE', 'DESCRIBE', 'ALTER_CONFIGS', 'DESCRIBE_CONFIGS'),
  permission: fc.constantFrom('ALLOW', 'DENY'),
});

/** Straight from the documentation: look at every rule, for every question. */
function naive(acls: readonly AclBinding[], question: { principal: string; host: string; name: string }) {
  const { principal, host, name } = question;
  const about = acls.filter(({ resourceType, patternType, resourceName }) => {
    if (resourceType !== 'TOPIC') return false;
    if (patternType === 'PREFIXED') return name.startsWith(resourceName);
    return resourceName === '*' || resourceName === name;
  });
  const applying = about.filter(
    (acl) => ['User:*', principal].includes(acl.principal) && ['*', host].includes(acl.host),
  );
  const says = (permission: string, operations: readonly string[]) =>
    applying.some((acl) => acl.permission === permission && operations.includes(acl.operation));
  if (about.length === 0) return 'none';
  if (says('DENY', ['ALL', 'DESCRIBE'])) return 'denied';
  return says('ALLOW', ['ALL', 'DESCRIBE', 'READ', 'WRITE', 'DELETE', 'ALTER']) ? 'allowed' : 'denied';
}

describe('an index', () => {
  it('decides as a look at every rule does, while rules come and go', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(anyAcl, { maxLength: 12, selector: (acl) => JSON.stringify(acl) }),
        fc.nat({ max: 12 }),
        fc.constantFrom('a', 'aa', 'ab', 'abc', 'b', 'c'),
        fc.constantFrom('User:a', 'User:c'),
        fc.constantFrom('h1', 'h3'),
        (acls, removed, name, principal, host) => {
          const index = indexOf(...acls);
          index.remove(String(removed));
          const left = acls.filter((_, number) => number !== removed);
          assert.equal(
            index.decide({ principal, host }, 'DESCRIBE', 'TOPIC', name),
            naive(left, { principal, host, name }),
          );
        },
      ),
      { seed: 7, numRuns: 3000 },
    );
  });
});

describe('filters', () => {
  const ANY: AclFilter = {
    resourceType: 'ANY',
    resourceName: null,
    patternType: 'ANY',
    principal: null,
    host: null,
    operation: 'ANY',
    permission: 'ANY',
  };
  const cases: readonly [name: string, filter: Partial<AclFilter>, acl: Partial<AclBinding>, boolean][] = [
    ['everything', {}, {}, true],
    ['type', { resourceType: 'GROUP' }, {}, false],
    ['name', { resourceName: 'orders' }, {}, true],
    ['name of a prefix', { resourceName: 'ord' }, { resourceName: 'ord', patternType: 'PREFIXED' }, true],
    ['any pattern is no match', { resourceName: 'orders' }, { resourceName: '*' }, false],
    ['match: literal', { resourceName: 'orders', patternType: 'MATCH' }, {}, true],
    ['match: wildcard', { resourceName: 'orders', patternType: 'MATCH' }, { resourceName: '*' }, true],
    [
      'match: prefix',
      { resourceName: 'orders', patternType: 'MATCH' },
      { resourceName: 'ord', patternType: 'PREFIXED' },
      true,
    ],
    ['match: another', { resourceName: 'orders', patternType: 'MATCH' }, { resourceName: 'order' }, false],
    ['literal only', { patternType: 'LITERAL' }, { patternType: 'PREFIXED' }, false],
    ['principal', { principal: 'User:bob' }, {}, false],
    ['host', { host: '*' }, {}, true],
    ['operation', { operation: 'WRITE' }, {}, false],
    ['permission', { permission: 'DENY' }, {}, false],
  ];
  for (const [name, filter, acl, matches] of cases)
    it(name, () => assert.equal(matchesFilter({ ...ANY, ...filter }, { ...BASE, ...acl }), matches));
});
