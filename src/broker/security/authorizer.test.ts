import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Logger, silentLogger } from '../../base/logger.ts';
import type { AclBinding } from './acl.ts';
import { AclIndex } from './acl-index.ts';
import { Authorizer } from './authorizer.ts';

const READ_ORDERS: AclBinding = {
  resourceType: 'TOPIC',
  resourceName: 'orders',
  patternType: 'LITERAL',
  principal: 'User:alice',
  host: '*',
  operation: 'READ',
  permission: 'ALLOW',
};

function authorizer(options: { superUsers?: string[]; allowsUnruled?: boolean } = {}) {
  const lines: string[] = [];
  const line = (level: string) => (message: string, fields?: Record<string, unknown>) => {
    lines.push([level, message, ...Object.values(fields ?? {})].join(' '));
  };
  const logger: Logger = { ...silentLogger, info: line('info'), debug: line('debug') };
  const acls = new AclIndex();
  const { superUsers = [], allowsUnruled = false } = options;
  const made = new Authorizer({ acls, superUsers: new Set(superUsers), allowsUnruled, logger });
  return { acls, lines, accessOf: (principal: string) => made.accessOf({ principal, host: '10.0.0.1' }) };
}

describe('access by rules', () => {
  it('is nothing without a rule, unless everybody may then', () => {
    assert.equal(authorizer().accessOf('User:alice').may('READ', 'TOPIC', 'orders'), false);
    const open = authorizer({ allowsUnruled: true });
    const alice = open.accessOf('User:alice');
    assert.equal(alice.may('READ', 'TOPIC', 'orders'), true);
    assert.equal(alice.mayAny('WRITE', 'TOPIC'), true);
    open.acls.add('1', { ...READ_ORDERS, principal: 'User:bob' });
    assert.equal(alice.may('READ', 'TOPIC', 'orders'), false);
  });

  it('is everything for super users, whatever is denied', () => {
    const { acls, accessOf } = authorizer({ superUsers: ['User:root'] });
    acls.add('1', { ...READ_ORDERS, principal: 'User:*', permission: 'DENY', resourceName: '*' });
    assert.equal(accessOf('User:root').may('READ', 'TOPIC', 'orders'), true);
    assert.equal(accessOf('User:root').mayAny('READ', 'TOPIC'), true);
  });

  it('follows rules as they change, on a connection that is open', () => {
    const { acls, accessOf } = authorizer();
    const alice = accessOf('User:alice');
    assert.equal(alice.may('READ', 'TOPIC', 'orders'), false);
    acls.add('1', READ_ORDERS);
    assert.equal(alice.may('READ', 'TOPIC', 'orders'), true);
    assert.equal(alice.mayAny('READ', 'TOPIC'), true);
    acls.remove('1');
    assert.equal(alice.may('READ', 'TOPIC', 'orders'), false);
  });

  it('tells who was denied what, and who was allowed what to those who debug; lists are quiet', () => {
    const { acls, lines, accessOf } = authorizer();
    acls.add('1', READ_ORDERS);
    const alice = accessOf('User:alice');
    for (let n = 0; n < 2; n++) {
      alice.may('READ', 'TOPIC', 'orders');
      alice.may('WRITE', 'TOPIC', 'orders');
      alice.may('DELETE', 'TOPIC', 'orders', 'quiet');
    }
    const twice = [
      'debug allowed User:alice 10.0.0.1 READ TOPIC:orders',
      'info denied User:alice 10.0.0.1 WRITE TOPIC:orders',
    ];
    assert.deepEqual(lines, [...twice, ...twice]);
  });
});
