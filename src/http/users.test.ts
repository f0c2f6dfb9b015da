import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseUsers } from './users.ts';

const USERS = ['ann:annword', 'bob:bob:word'];

test('a password may have colons, and everybody is an admin where there are no roles', () => {
  assert.deepEqual(parseUsers(USERS), [
    { user: 'ann', password: 'annword', role: 'admin' },
    { user: 'bob', password: 'bob:word', role: 'admin' },
  ]);
  assert.deepEqual(parseUsers(), []);
  assert.throws(() => parseUsers([':word']), /NAME:PASSWORD/);
});

test('a role is asked for every user once there are roles', () => {
  const roles = ['bob:reader', 'ann:admin'];
  assert.deepEqual(
    parseUsers(USERS, roles).map(({ role }) => role),
    ['admin', 'reader'],
  );
  assert.throws(() => parseUsers(USERS, ['ann:reader']), /'bob' has no role/);
  assert.throws(() => parseUsers(USERS, ['ann:reader', 'bob:king']), /'king' is no role/);
  assert.throws(() => parseUsers(USERS, [...roles, 'eve:admin']), /'eve', who is no user/);
  assert.throws(() => parseUsers(USERS, ['ann']), /NAME:ROLE/);
});
