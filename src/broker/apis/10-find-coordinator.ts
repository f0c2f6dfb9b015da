import type { ErrorName } from '../../protocol/errors.ts';
import { type Access, CLUSTER_NAME } from '../access.ts';
import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { errorFields } from './error-fields.ts';
import { groupRefusal } from './group-access.ts';

const GROUP = 0;
const TRANSACTION = 1;
const SHARE = 2;

/**
 * FindCoordinator v0-6: on one node every coordinator is this node, at the address the client already uses.
 *
 * - Asks for DESCRIBE of the group or transactional id.
 * - v4+ asks for several keys at once; v6 adds share partitions (key type 2, `group:topicId:partition`), for which
 *   one needs CLUSTER_ACTION.
 */
export const findCoordinator = ({ node }: ControlPlane): Api =>
  api('FindCoordinator', [0, 6], (request, { apiVersion, listener, access }) => {
    const find = (key: string) => {
      const error = refusal(access, request.keyType, key, apiVersion);
      if (error === 'NONE') return { nodeId: node.nodeId, ...listener, ...errorFields(error) };
      const message = error === 'INVALID_REQUEST' ? 'This coordinator is not served.' : null;
      return { nodeId: -1, host: '', port: -1, ...errorFields(error, message) };
    };
    if (apiVersion < 4) return find(request.key);
    return { coordinators: request.coordinatorKeys.map((key) => ({ key, ...find(key) })) };
  });

/** `group:topicId:partition` */
const SHARE_KEY = /^.+:[\w-]{22}:\d+$/;

function refusal(access: Access, keyType: number, key: string, apiVersion: number): ErrorName {
  if (keyType === GROUP) return groupRefusal(access, 'DESCRIBE', key);
  if (keyType === TRANSACTION) {
    const mayDescribe = access.may('DESCRIBE', 'TRANSACTIONAL_ID', key);
    return mayDescribe ? 'NONE' : 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED';
  }
  if (keyType !== SHARE || apiVersion < 6 || !SHARE_KEY.test(key)) return 'INVALID_REQUEST';
  return access.may('CLUSTER_ACTION', 'CLUSTER', CLUSTER_NAME) ? 'NONE' : 'CLUSTER_AUTHORIZATION_FAILED';
}
