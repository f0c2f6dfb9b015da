import { type ConsumerGroupConfig, DEFAULT_CONSUMER_GROUP_CONFIG } from './consumer/consumer-config.ts';

/** The broker configs group coordination depends on; read anew at each use, so that changes count at once. */
export interface GroupConfig {
  readonly initialRebalanceDelayMs: number;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  readonly maxGroupSize: number;
  readonly offsetsRetentionMs: number;
  readonly offsetsRetentionCheckMs: number;
  readonly offsetMetadataMaxBytes: number;
  readonly consumer: ConsumerGroupConfig;
}

/** Kafka 4.1's defaults. */
export const DEFAULT_GROUP_CONFIG: GroupConfig = {
  initialRebalanceDelayMs: 3000,
  minSessionTimeoutMs: 6000,
  maxSessionTimeoutMs: 1_800_000,
  maxGroupSize: 2_147_483_647,
  offsetsRetentionMs: 7 * 24 * 60 * 60 * 1000,
  offsetsRetentionCheckMs: 600_000,
  offsetMetadataMaxBytes: 4096,
  consumer: DEFAULT_CONSUMER_GROUP_CONFIG,
};
