/** `group.consumer.*`, read anew at each use, so that changes count at once. */
export interface ConsumerGroupConfig {
  readonly sessionTimeoutMs: number;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly minHeartbeatIntervalMs: number;
  readonly maxHeartbeatIntervalMs: number;
  readonly maxSize: number;
  /** By name; the first is the default. */
  readonly assignors: readonly string[];
  readonly migrationPolicy: MigrationPolicy;
  /** How often regular expressions are looked at again though no topic came or went: permissions may have changed. */
  readonly regexRefreshMs: number;
}

export type MigrationPolicy = 'bidirectional' | 'upgrade' | 'downgrade' | 'disabled';

/** What one group has of its own (`consumer.session.timeout.ms`, `consumer.heartbeat.interval.ms`). */
export interface GroupOverrides {
  readonly sessionTimeoutMs?: number | undefined;
  readonly heartbeatIntervalMs?: number | undefined;
}

/** Kafka 4.1's defaults. */
export const DEFAULT_CONSUMER_GROUP_CONFIG: ConsumerGroupConfig = {
  sessionTimeoutMs: 45_000,
  minSessionTimeoutMs: 45_000,
  maxSessionTimeoutMs: 60_000,
  heartbeatIntervalMs: 5_000,
  minHeartbeatIntervalMs: 5_000,
  maxHeartbeatIntervalMs: 15_000,
  maxSize: 2_147_483_647,
  assignors: ['uniform', 'range'],
  migrationPolicy: 'bidirectional',
  regexRefreshMs: 600_000,
};

export function sessionTimeoutMs(config: ConsumerGroupConfig, own: GroupOverrides): number {
  const wanted = own.sessionTimeoutMs ?? config.sessionTimeoutMs;
  return within(wanted, config.minSessionTimeoutMs, config.maxSessionTimeoutMs);
}

export function heartbeatIntervalMs(config: ConsumerGroupConfig, own: GroupOverrides): number {
  const wanted = own.heartbeatIntervalMs ?? config.heartbeatIntervalMs;
  return within(wanted, config.minHeartbeatIntervalMs, config.maxHeartbeatIntervalMs);
}

function within(value: number, min: number, max: number): number {
  return Math.max(min, Math.min(max, value));
}
