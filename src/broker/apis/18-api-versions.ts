import { type Api, api } from '../api.ts';

/**
 * ApiVersions v0-4: what this server serves, computed from the registrations, itself included. A version above 4
 * is answered by the dispatcher (KIP-511). No features are announced, so that clients use none.
 */
export const apiVersions = (others: readonly Api[]): Api => {
  const self: Api = api('ApiVersions', [0, 4], () => ({
    apiKeys: [...others, self]
      .sort((a, b) => a.key - b.key)
      .map(({ key, versions: [minVersion, maxVersion] }) => ({ apiKey: key, minVersion, maxVersion })),
  }));
  return self;
};
