import { CLUSTER_NAME } from '../access.ts';
import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { errorFields } from './error-fields.ts';

/** UnregisterBroker v0: forgets a broker that is gone for good; there was never another, and the one is in use. */
export const unregisterBroker = ({ node }: Pick<ControlPlane, 'node'>): Api =>
  api('UnregisterBroker', [0, 0], ({ brokerId }, { access }) => {
    if (!access.may('ALTER', 'CLUSTER', CLUSTER_NAME)) return errorFields('CLUSTER_AUTHORIZATION_FAILED');
    if (brokerId === node.nodeId)
      return errorFields('INVALID_REQUEST', `Broker ID ${brokerId} is the broker that answers this request`);
    return errorFields('BROKER_ID_NOT_REGISTERED', `Broker ID ${brokerId} is not currently registered`);
  });
