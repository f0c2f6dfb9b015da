import { CLUSTER_NAME } from '../access.ts';
import { type Api, api } from '../api.ts';
import { METADATA_TOPIC } from '../internal-topics.ts';
import type { ControlPlane } from './control-plane.ts';
import { errorFields } from './error-fields.ts';

/** What Kafka calls the log of its controllers. */
const QUORUM_TOPIC = '__cluster_metadata';

/** As in a quorum whose voters were given at start (kraft.version 0): voters have no directory ids. */
const NO_DIRECTORY = '0'.repeat(32);

/** DescribeQuorum v0-2 (KIP-595): a quorum of one, whose log is that of our metadata. v2 tells where voters listen. */
export const describeQuorum = ({
  registry,
  node,
  clock,
}: Pick<ControlPlane, 'registry' | 'node' | 'clock'>): Api =>
  api('DescribeQuorum', [0, 2], ({ topics }, { access, listener, apiVersion }) => {
    if (!access.may('DESCRIBE', 'CLUSTER', CLUSTER_NAME)) return errorFields('CLUSTER_AUTHORIZATION_FAILED');
    const isQuorum =
      topics.length === 1 &&
      topics[0]!.topicName === QUORUM_TOPIC &&
      topics[0]!.partitions.length === 1 &&
      topics[0]!.partitions[0]!.partitionIndex === 0;
    if (!isQuorum) return { topics: unknown(topics) };
    const log = registry.partitionLog(METADATA_TOPIC, 0);
    const nowMs = clock.nowMs();
    const voter = {
      replicaId: node.nodeId,
      replicaDirectoryId: NO_DIRECTORY,
      logEndOffset: log?.endOffset ?? 0,
      // Version 0 does not have them.
      ...(apiVersion > 0 && { lastFetchTimestamp: nowMs, lastCaughtUpTimestamp: nowMs }),
    };
    const partition = {
      partitionIndex: 0,
      leaderId: node.nodeId,
      // A quorum elects its leader, and so begins with 1.
      leaderEpoch: 1 + (log?.leaderEpoch ?? 0),
      highWatermark: log?.highWatermark ?? 0,
      currentVoters: [voter],
      observers: [],
    };
    return {
      topics: [{ topicName: QUORUM_TOPIC, partitions: [partition] }],
      nodes: [{ nodeId: node.nodeId, listeners: [{ name: 'CONTROLLER', ...listener }] }],
    };
  });

function unknown(
  topics: readonly {
    readonly topicName: string;
    readonly partitions: readonly { readonly partitionIndex: number }[];
  }[],
) {
  return topics.map(({ topicName, partitions }) => ({
    topicName,
    partitions: partitions.map(({ partitionIndex }) => ({
      partitionIndex,
      ...errorFields('UNKNOWN_TOPIC_OR_PARTITION', 'This server does not host this topic-partition.'),
    })),
  }));
}
