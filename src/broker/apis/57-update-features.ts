import { errorCode } from '../../protocol/errors.ts';
import { CLUSTER_NAME } from '../access.ts';
import { type Api, api } from '../api.ts';
import type { UpgradeType } from '../features.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError, errorFields } from './error-fields.ts';

const UPGRADE_TYPES: readonly (UpgradeType | undefined)[] = [
  undefined,
  'upgrade',
  'safe downgrade',
  'unsafe downgrade',
];

/**
 * UpdateFeatures v0-2 (KIP-584): raises or lowers finalized levels, all of a request or none; durable when answered.
 *
 * - v0 says allowDowngrade where v1+ has an upgrade type; v1+ has validateOnly; v2 answers without a list.
 */
export const updateFeatures = ({ registry, node }: Pick<ControlPlane, 'registry' | 'node'>): Api =>
  api('UpdateFeatures', [0, 2], async ({ featureUpdates, validateOnly }, { apiVersion, access }) => {
    if (!access.may('ALTER', 'CLUSTER', CLUSTER_NAME)) return errorFields('CLUSTER_AUTHORIZATION_FAILED');
    const updates = featureUpdates.map(({ feature, maxVersionLevel, allowDowngrade, upgradeType }) => {
      const type =
        apiVersion > 0 ? UPGRADE_TYPES[upgradeType] : allowDowngrade ? 'safe downgrade' : 'upgrade';
      return { name: feature, level: maxVersionLevel, type } as const;
    });
    try {
      const request = { updates, validateOnly: apiVersion > 0 && validateOnly, nodeId: node.nodeId };
      const { error, message } = await registry.updateFeatures(request);
      if (error !== 'NONE') return errorFields(error, message);
      const results = featureUpdates.map(({ feature }) => ({ feature, ...errorFields('NONE') }));
      return { errorCode: errorCode('NONE'), errorMessage: null, ...(apiVersion < 2 && { results }) };
    } catch (error) {
      return { errorCode: coordinatorError(error), errorMessage: String(error) };
    }
  });
