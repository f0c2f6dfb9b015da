import type { Clock } from '../../base/clock.ts';
import type { FetchSessions } from '../fetch/fetch-sessions.ts';
import type { TopicRegistry } from '../topic-registry.ts';
import type { JoinedWrite } from '../txn/txn-coordinator.ts';

/** Who this server is to its clients. */
export interface NodeIdentity {
  readonly clusterId: string;
  readonly nodeId: number;
}

/**
 * KIP-890: asks the transaction coordinator whether a transaction is open for this partition, at the moment of
 * the append. Without it a late Produce would land behind its abort marker and block read_committed readers for ever.
 * With `mayJoin` a partition that is not in the transaction yet becomes a part of it.
 */
export type CheckTransaction = (batch: {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly topic: string;
  readonly partition: number;
  readonly mayJoin: boolean;
}) => JoinedWrite;

/** What the APIs that move records and tell about partitions need. */
export interface DataPlane {
  readonly node: NodeIdentity;
  readonly topics: TopicRegistry;
  readonly clock: Clock;
  readonly fetchSessions: FetchSessions;
  readonly checkTransaction: CheckTransaction;
  /** fetch.max.bytes */
  readonly fetchMaxBytes: number;
  /** max.request.partition.size.limit */
  readonly maxDescribedPartitions: number;
}
