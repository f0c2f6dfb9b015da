import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { refuseVoterChange } from './fixed-voters.ts';

/** RemoveRaftVoter v0. */
export const removeRaftVoter = ({ node }: Pick<ControlPlane, 'node'>): Api =>
  api('RemoveRaftVoter', [0, 0], ({ clusterId }, context) =>
    refuseVoterChange('removing', clusterId, node, context),
  );
