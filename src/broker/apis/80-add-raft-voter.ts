import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { refuseVoterChange } from './fixed-voters.ts';

/** AddRaftVoter v0. */
export const addRaftVoter = ({ node }: Pick<ControlPlane, 'node'>): Api =>
  api('AddRaftVoter', [0, 0], ({ clusterId }, context) =>
    refuseVoterChange('adding', clusterId, node, context),
  );
