/** The broker configs that share partitions depend on; read anew at each use, so that changes count at once. */
export interface ShareConfig {
  /** group.share.delivery.count.limit */
  readonly maxDeliveryCount: number;
  /** share.coordinator.snapshot.update.records.per.snapshot */
  readonly updatesPerSnapshot: number;
}

/** Kafka 4.1's defaults. */
export const DEFAULT_SHARE_CONFIG: ShareConfig = { maxDeliveryCount: 5, updatesPerSnapshot: 500 };
