import type { Api } from '../api.ts';
import { offsetCommit } from './08-offset-commit.ts';
import { offsetFetch } from './09-offset-fetch.ts';
import { findCoordinator } from './10-find-coordinator.ts';
import { joinGroup } from './11-join-group.ts';
import { heartbeat } from './12-heartbeat.ts';
import { leaveGroup } from './13-leave-group.ts';
import { syncGroup } from './14-sync-group.ts';
import { describeGroups } from './15-describe-groups.ts';
import { listGroups } from './16-list-groups.ts';
import { createTopics } from './19-create-topics.ts';
import { deleteTopics } from './20-delete-topics.ts';
import { deleteRecords } from './21-delete-records.ts';
import { initProducerId } from './22-init-producer-id.ts';
import { addPartitionsToTxn } from './24-add-partitions-to-txn.ts';
import { addOffsetsToTxn } from './25-add-offsets-to-txn.ts';
import { endTxn } from './26-end-txn.ts';
import { txnOffsetCommit } from './28-txn-offset-commit.ts';
import { createPartitions } from './37-create-partitions.ts';
import { deleteGroups } from './42-delete-groups.ts';
import { offsetDelete } from './47-offset-delete.ts';
import { consumerGroupHeartbeat } from './68-consumer-group-heartbeat.ts';
import { consumerGroupDescribe } from './69-consumer-group-describe.ts';
import type { ControlPlane } from './control-plane.ts';

/** Topics, groups, transactions, configuration. */
export function controlPlaneApis(plane: ControlPlane): readonly Api[] {
  return [
    offsetCommit(plane),
    offsetFetch(plane),
    findCoordinator(plane),
    joinGroup(plane),
    heartbeat(plane),
    leaveGroup(plane),
    syncGroup(plane),
    describeGroups(plane),
    listGroups(plane),
    createTopics(plane),
    deleteTopics(plane),
    deleteRecords(plane),
    initProducerId(plane),
    addPartitionsToTxn(plane),
    addOffsetsToTxn(plane),
    endTxn(plane),
    txnOffsetCommit(plane),
    createPartitions(plane),
    deleteGroups(plane),
    offsetDelete(plane),
    consumerGroupHeartbeat(plane),
    consumerGroupDescribe(plane),
  ];
}
