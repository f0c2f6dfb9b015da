/** What of the configuration concerns the members of one share group. */
export interface ShareGroupConfig {
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  /** group.share.max.size */
  readonly maxSize: number;
}

/** Kafka 4.1's defaults. */
export const DEFAULT_SHARE_GROUP_CONFIG: ShareGroupConfig = {
  sessionTimeoutMs: 45_000,
  heartbeatIntervalMs: 5000,
  maxSize: 200,
};
