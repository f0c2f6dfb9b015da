import { ROLES, type Role, type User } from './auth.ts';

/** Users as `NAME:PASSWORD`, with their roles as `NAME:ROLE`; without any roles all are admins. Throws RangeError. */
export function parseUsers(users: readonly string[] = [], userRoles?: readonly string[]): User[] {
  const roles =
    userRoles && new Map(userRoles.map((text) => parsePair(text, 'a role is given as NAME:ROLE')));
  const parsed = users.map((text): User => {
    const [user, password] = parsePair(text, 'a user is given as NAME:PASSWORD');
    return { user, password, role: roles ? roleOf(user, roles.get(user)) : 'admin' };
  });
  const stranger = roles && [...roles.keys()].find((name) => !parsed.some(({ user }) => user === name));
  if (stranger !== undefined) throw new RangeError(`a role is given to '${stranger}', who is no user`);
  return parsed;
}

function parsePair(text: string, problem: string): [name: string, value: string] {
  const colon = text.indexOf(':');
  if (colon < 1) throw new RangeError(problem);
  return [text.slice(0, colon), text.slice(colon + 1)];
}

/** Once there are roles, a user without one is an oversight and not an administrator. */
function roleOf(user: string, role: string | undefined): Role {
  if (role !== undefined && Object.hasOwn(ROLES, role)) return role as Role;
  const known = Object.keys(ROLES).join(', ');
  throw new RangeError(
    role === undefined
      ? `user '${user}' has no role; there are ${known}`
      : `'${role}' is no role; there are ${known}`,
  );
}
