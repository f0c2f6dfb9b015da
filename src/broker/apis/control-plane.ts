import type { Clock } from '../../base/clock.ts';
import type { DiskSpace } from '../../base/fs.ts';
import type { LogLevels } from '../../base/log-levels.ts';
import type { Settings } from '../config/settings.ts';
import type { GroupCoordinator } from '../group/group-coordinator.ts';
import type { LocalRegistry } from '../local-registry.ts';
import type { ShareCoordinator } from '../share/share-coordinator.ts';
import type { ClientTelemetry } from '../telemetry/client-telemetry.ts';
import type { TransactionCoordinator } from '../txn/txn-coordinator.ts';
import type { NodeIdentity } from './data-plane.ts';
import type { SecurityPlane } from './security-plane.ts';

/** What the APIs for topics, groups, transactions and configuration need. */
export interface ControlPlane extends SecurityPlane {
  readonly node: NodeIdentity;
  readonly registry: LocalRegistry;
  readonly groups: GroupCoordinator;
  readonly transactions: TransactionCoordinator;
  readonly shares: ShareCoordinator;
  readonly settings: Settings;
  /** Shown to tools as the log directory. */
  readonly dataDir: string;
  /** Of the volume that holds it. */
  readonly diskSpace: () => Promise<DiskSpace>;
  readonly clock: Clock;
  readonly logLevels: LogLevels;
  readonly telemetry: ClientTelemetry;
}
