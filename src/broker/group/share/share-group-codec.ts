import type { Buffer } from 'node:buffer';
import {
  decodeRecordKey,
  decodeRecordValue,
  encodeRecordKey,
  encodeRecordValue,
  recordType,
} from '../../../protocol/coordinator-record.ts';
import { MESSAGES } from '../../../protocol/messages.gen.ts';
import type { RecordedShareAssignment, ShareGroupEntry } from './share-group-entries.ts';

const VERSION = 0;
/** MemberState of Kafka: nothing is to be revoked or awaited, as always in a share group. */
const STABLE = 0;

export function isShareGroupEntry(entry: { readonly kind: string }): entry is ShareGroupEntry {
  return entry.kind.startsWith('share ');
}

/** Share groups in Kafka's own record schemas. */
export function encodeShareGroup(entry: ShareGroupEntry): { key: Buffer; value: Buffer | null } {
  switch (entry.kind) {
    case 'share member': {
      const { value } = entry;
      const record = value && {
        rackId: value.rackId,
        clientId: value.clientId,
        clientHost: value.clientHost,
        subscribedTopicNames: value.topics,
      };
      return {
        key: encodeRecordKey('ShareGroupMemberMetadataKey', entry),
        value: record && encodeRecordValue('ShareGroupMemberMetadataValue', VERSION, record),
      };
    }
    case 'share group':
      return {
        key: encodeRecordKey('ShareGroupMetadataKey', entry),
        value: entry.value && encodeRecordValue('ShareGroupMetadataValue', VERSION, entry.value),
      };
    case 'share target':
      return {
        key: encodeRecordKey('ShareGroupTargetAssignmentMetadataKey', entry),
        value:
          entry.value && encodeRecordValue('ShareGroupTargetAssignmentMetadataValue', VERSION, entry.value),
      };
    case 'share target of member': {
      const record = entry.value && { topicPartitions: entry.value };
      return {
        key: encodeRecordKey('ShareGroupTargetAssignmentMemberKey', entry),
        value: record && encodeRecordValue('ShareGroupTargetAssignmentMemberValue', VERSION, record),
      };
    }
    case 'share assignment': {
      const record = entry.value && currentAssignment(entry.value);
      return {
        key: encodeRecordKey('ShareGroupCurrentMemberAssignmentKey', entry),
        value: record && encodeRecordValue('ShareGroupCurrentMemberAssignmentValue', VERSION, record),
      };
    }
    case 'share partitions': {
      const topics = entry.value?.map(({ topicId, name, partitions }) => ({
        topicId,
        topicName: name,
        partitions,
      }));
      const record = topics && { initializingTopics: [], initializedTopics: topics, deletingTopics: [] };
      return {
        key: encodeRecordKey('ShareGroupStatePartitionMetadataKey', entry),
        value: record ? encodeRecordValue('ShareGroupStatePartitionMetadataValue', VERSION, record) : null,
      };
    }
  }
}

/** `undefined` for a record of another kind. */
export function decodeShareGroup(key: Buffer, bytes: Buffer | null): ShareGroupEntry | undefined {
  switch (recordType(key)) {
    case MESSAGES.ShareGroupMemberMetadataKey.key: {
      const value = bytes && decodeRecordValue('ShareGroupMemberMetadataValue', bytes);
      return {
        kind: 'share member',
        ...decodeRecordKey('ShareGroupMemberMetadataKey', key),
        value: value && {
          rackId: value.rackId,
          clientId: value.clientId,
          clientHost: value.clientHost,
          topics: value.subscribedTopicNames,
        },
      };
    }
    case MESSAGES.ShareGroupMetadataKey.key: {
      const value = bytes && decodeRecordValue('ShareGroupMetadataValue', bytes);
      return { kind: 'share group', ...decodeRecordKey('ShareGroupMetadataKey', key), value };
    }
    case MESSAGES.ShareGroupTargetAssignmentMetadataKey.key: {
      const value = bytes && decodeRecordValue('ShareGroupTargetAssignmentMetadataValue', bytes);
      return {
        kind: 'share target',
        ...decodeRecordKey('ShareGroupTargetAssignmentMetadataKey', key),
        value,
      };
    }
    case MESSAGES.ShareGroupTargetAssignmentMemberKey.key: {
      const value =
        bytes && decodeRecordValue('ShareGroupTargetAssignmentMemberValue', bytes).topicPartitions;
      const ids = decodeRecordKey('ShareGroupTargetAssignmentMemberKey', key);
      return { kind: 'share target of member', ...ids, value };
    }
    case MESSAGES.ShareGroupCurrentMemberAssignmentKey.key: {
      const value = bytes && decodeRecordValue('ShareGroupCurrentMemberAssignmentValue', bytes);
      return {
        kind: 'share assignment',
        ...decodeRecordKey('ShareGroupCurrentMemberAssignmentKey', key),
        value: value && {
          memberEpoch: value.memberEpoch,
          previousMemberEpoch: value.previousMemberEpoch,
          assignment: value.assignedPartitions,
        },
      };
    }
    case MESSAGES.ShareGroupStatePartitionMetadataKey.key: {
      const value = bytes && decodeRecordValue('ShareGroupStatePartitionMetadataValue', bytes);
      return {
        kind: 'share partitions',
        ...decodeRecordKey('ShareGroupStatePartitionMetadataKey', key),
        // What a Kafka broker was still initialising has no state yet, which is no different here.
        value:
          value &&
          [...value.initializedTopics, ...value.initializingTopics].map(
            ({ topicId, topicName, partitions }) => ({
              topicId,
              name: topicName,
              partitions,
            }),
          ),
      };
    }
    default:
      return undefined;
  }
}

function currentAssignment({ memberEpoch, previousMemberEpoch, assignment }: RecordedShareAssignment) {
  return { memberEpoch, previousMemberEpoch, state: STABLE, assignedPartitions: assignment };
}
