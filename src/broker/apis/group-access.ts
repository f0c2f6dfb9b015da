import type { ErrorName } from '../../protocol/errors.ts';
import type { Access, Operation } from '../access.ts';

/** NONE, or that the client may not do this to the group. */
export function groupRefusal(access: Access, operation: Operation, groupId: string): ErrorName {
  return access.may(operation, 'GROUP', groupId) ? 'NONE' : 'GROUP_AUTHORIZATION_FAILED';
}
