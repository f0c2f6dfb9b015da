import type { Clock } from '../../base/clock.ts';
import type { BrokerStorage } from '../broker-storage.ts';
import { SHARE_VERSION } from '../features.ts';
import type { GroupCoordinator } from '../group/group-coordinator.ts';
import type { LocalRegistry } from '../local-registry.ts';
import type { ShareCoordinator } from '../share/share-coordinator.ts';
import { ShareFetcher } from '../share/share-fetcher.ts';
import { ShareSessions } from '../share/share-sessions.ts';
import type { ShareSettings } from '../share/share-settings.ts';

/** What the APIs of share groups need. */
export interface SharePlane {
  readonly registry: LocalRegistry;
  readonly groups: GroupCoordinator;
  readonly shares: ShareCoordinator;
  readonly shareSessions: ShareSessions;
  readonly shareFetcher: ShareFetcher;
  readonly shareSettings: ShareSettings;
  /** fetch.max.bytes */
  readonly fetchMaxBytes: number;
  /** By the feature share.version; UNSUPPORTED_VERSION answers everything while it is 0. */
  readonly isEnabled: () => boolean;
}

export function sharePlane(storage: BrokerStorage, clock: Clock): SharePlane {
  const { registry, groups, shares, shareSettings, settings } = storage;
  return {
    ...{ registry, groups, shares, shareSettings },
    shareSessions: new ShareSessions({
      maxSessions: () => shareSettings.maxSessions,
      onEnd: (session) => shares.releaseAll(session),
    }),
    shareFetcher: new ShareFetcher({
      ...{ states: shares, topics: registry, clock },
      isShared: (key) => groups.hasSharePartition(key),
    }),
    fetchMaxBytes: settings.number('fetch.max.bytes'),
    isEnabled: () => registry.level(SHARE_VERSION) > 0,
  };
}
