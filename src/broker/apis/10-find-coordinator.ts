import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { errorFields } from './error-fields.ts';

const GROUP = 0;
const TRANSACTION = 1;

/**
 * FindCoordinator v0-6: on one node every coordinator is this node, at the address the client already uses.
 *
 * - v4+ asks for several keys at once; v6 adds share groups (key type 2), which are not served.
 */
export const findCoordinator = ({ node }: ControlPlane): Api =>
  api('FindCoordinator', [0, 6], (request, { apiVersion, listener }) => {
    const isServed = request.keyType === GROUP || request.keyType === TRANSACTION;
    const here = isServed
      ? { nodeId: node.nodeId, ...listener, ...errorFields('NONE') }
      : {
          nodeId: -1,
          host: '',
          port: -1,
          ...errorFields('INVALID_REQUEST', 'This coordinator is not served.'),
        };
    if (apiVersion < 4) return here;
    return { coordinators: request.coordinatorKeys.map((key) => ({ key, ...here })) };
  });
