import { type Api, api } from '../api.ts';
import { FEATURES, type FeatureLevels, featureLevel } from '../features.ts';

/** What ApiVersions tells of the features: the finalized levels, and a number that rises when they change. */
export interface FinalizedFeatures {
  readonly levels: FeatureLevels;
  readonly epoch: number;
}

/** KAFKA-17011: clients below this version take a lowest level of 0 for an error. */
const FIRST_VERSION_WITH_LEVEL_0 = 4;

/**
 * ApiVersions v0-4: what this server serves, computed from the registrations, itself included. A version above 4
 * is answered by the dispatcher (KIP-511). v3+ tells of features; a finalized level of 0 is none.
 */
export const apiVersions = (others: readonly Api[], features: () => FinalizedFeatures): Api => {
  const self: Api = api('ApiVersions', [0, 4], (request, { apiVersion, software }) => {
    const { levels, epoch } = features();
    const lowest = apiVersion < FIRST_VERSION_WITH_LEVEL_0 ? 1 : 0;
    software.name = request.clientSoftwareName;
    software.version = request.clientSoftwareVersion;
    return {
      apiKeys: [...others, self]
        .sort((a, b) => a.key - b.key)
        .map(({ key, versions: [minVersion, maxVersion] }) => ({ apiKey: key, minVersion, maxVersion })),
      supportedFeatures: FEATURES.filter(({ max }) => max > 0).map(({ name, min, max }) => ({
        name,
        minVersion: Math.max(min, lowest),
        maxVersion: max,
      })),
      finalizedFeaturesEpoch: epoch,
      finalizedFeatures: FEATURES.map((feature) => ({
        name: feature.name,
        level: featureLevel(levels, feature),
      }))
        .filter(({ level }) => level > 0)
        .map(({ name, level }) => ({ name, minVersionLevel: level, maxVersionLevel: level })),
    };
  });
  return self;
};
