import { Buffer } from 'node:buffer';
import {
  decodeRecordKey,
  decodeRecordValue,
  encodeRecordKey,
  encodeRecordValue,
  recordType,
} from '../../../protocol/coordinator-record.ts';
import { MESSAGES } from '../../../protocol/messages.gen.ts';
import type { EntryCodec } from '../../../topics/state-machine.ts';
import { toAssignment, toTopicPartitions } from './assignment.ts';
import type { ConsumerGroupEntry } from './consumer-entries.ts';
import type { MemberDetails, MemberProgress, MemberStateName } from './consumer-member.ts';

const STATES: readonly MemberStateName[] = ['stable', 'unrevoked', 'unreleased'];

type Encoded = ReturnType<EntryCodec<ConsumerGroupEntry>['encode']>;

export function encodeConsumerEntry(entry: ConsumerGroupEntry): Encoded {
  const { groupId, value } = entry;
  switch (entry.kind) {
    case 'consumer epoch':
      return {
        key: encodeRecordKey('ConsumerGroupMetadataKey', { groupId }),
        value: entry.value && encodeRecordValue('ConsumerGroupMetadataValue', 0, entry.value),
      };
    case 'consumer member':
      return {
        key: encodeRecordKey('ConsumerGroupMemberMetadataKey', { groupId, memberId: entry.memberId }),
        value: entry.value && encodeDetails(entry.value),
      };
    case 'consumer target epoch':
      return {
        key: encodeRecordKey('ConsumerGroupTargetAssignmentMetadataKey', { groupId }),
        value:
          entry.value &&
          encodeRecordValue('ConsumerGroupTargetAssignmentMetadataValue', 0, {
            assignmentEpoch: entry.value.epoch,
          }),
      };
    case 'consumer target':
      return {
        key: encodeRecordKey('ConsumerGroupTargetAssignmentMemberKey', { groupId, memberId: entry.memberId }),
        value:
          entry.value &&
          encodeRecordValue('ConsumerGroupTargetAssignmentMemberValue', 0, {
            topicPartitions: toTopicPartitions(entry.value),
          }),
      };
    case 'consumer progress':
      return {
        key: encodeRecordKey('ConsumerGroupCurrentMemberAssignmentKey', {
          groupId,
          memberId: entry.memberId,
        }),
        value: entry.value && encodeProgress(entry.value),
      };
    case 'consumer regex': {
      const key = { groupId, regularExpression: entry.regex };
      return {
        key: encodeRecordKey('ConsumerGroupRegularExpressionKey', key),
        value:
          value &&
          encodeRecordValue('ConsumerGroupRegularExpressionValue', 0, {
            topics: entry.value!.topics,
            version: entry.value!.version,
            timestamp: entry.value!.resolvedAtMs,
          }),
      };
    }
  }
}

/** `undefined` for a record of another kind. */
export function decodeConsumerEntry(key: Buffer, value: Buffer | null): ConsumerGroupEntry | undefined {
  switch (recordType(key)) {
    case MESSAGES.ConsumerGroupMetadataKey.key: {
      const { groupId } = decodeRecordKey('ConsumerGroupMetadataKey', key);
      return {
        kind: 'consumer epoch',
        groupId,
        value: value && decodeRecordValue('ConsumerGroupMetadataValue', value),
      };
    }
    case MESSAGES.ConsumerGroupMemberMetadataKey.key: {
      const { groupId, memberId } = decodeRecordKey('ConsumerGroupMemberMetadataKey', key);
      return { kind: 'consumer member', groupId, memberId, value: value && decodeDetails(value) };
    }
    case MESSAGES.ConsumerGroupTargetAssignmentMetadataKey.key: {
      const { groupId } = decodeRecordKey('ConsumerGroupTargetAssignmentMetadataKey', key);
      const decoded = value && decodeRecordValue('ConsumerGroupTargetAssignmentMetadataValue', value);
      return {
        kind: 'consumer target epoch',
        groupId,
        value: decoded && { epoch: decoded.assignmentEpoch },
      };
    }
    case MESSAGES.ConsumerGroupTargetAssignmentMemberKey.key: {
      const { groupId, memberId } = decodeRecordKey('ConsumerGroupTargetAssignmentMemberKey', key);
      const decoded = value && decodeRecordValue('ConsumerGroupTargetAssignmentMemberValue', value);
      return {
        kind: 'consumer target',
        groupId,
        memberId,
        value: decoded && toAssignment(decoded.topicPartitions),
      };
    }
    case MESSAGES.ConsumerGroupCurrentMemberAssignmentKey.key: {
      const { groupId, memberId } = decodeRecordKey('ConsumerGroupCurrentMemberAssignmentKey', key);
      return { kind: 'consumer progress', groupId, memberId, value: value && decodeProgress(value) };
    }
    case MESSAGES.ConsumerGroupRegularExpressionKey.key: {
      const { groupId, regularExpression } = decodeRecordKey('ConsumerGroupRegularExpressionKey', key);
      const decoded = value && decodeRecordValue('ConsumerGroupRegularExpressionValue', value);
      return {
        kind: 'consumer regex',
        groupId,
        regex: regularExpression,
        value: decoded && {
          topics: decoded.topics,
          version: decoded.version,
          resolvedAtMs: decoded.timestamp,
        },
      };
    }
    default:
      return undefined;
  }
}

function encodeDetails(details: MemberDetails): Buffer {
  const { instanceId, rackId, clientId, clientHost, rebalanceTimeoutMs, serverAssignor, classic } = details;
  return encodeRecordValue('ConsumerGroupMemberMetadataValue', 0, {
    ...{ instanceId, rackId, clientId, clientHost, rebalanceTimeoutMs, serverAssignor },
    subscribedTopicNames: details.subscribedTopics,
    subscribedTopicRegex: details.subscribedRegex,
    classicMemberMetadata: classic && {
      sessionTimeoutMs: classic.sessionTimeoutMs,
      supportedProtocols: classic.protocols,
    },
  });
}

function decodeDetails(bytes: Buffer): MemberDetails {
  const value = decodeRecordValue('ConsumerGroupMemberMetadataValue', bytes);
  const { instanceId, rackId, clientId, clientHost, rebalanceTimeoutMs, serverAssignor } = value;
  const { classicMemberMetadata: classic } = value;
  return {
    ...{ instanceId, rackId, clientId, clientHost, rebalanceTimeoutMs, serverAssignor },
    subscribedTopics: value.subscribedTopicNames,
    subscribedRegex: value.subscribedTopicRegex ?? '',
    classic: classic && {
      sessionTimeoutMs: classic.sessionTimeoutMs,
      // Copies: a view would keep the whole chunk of log it was read from in memory.
      protocols: classic.supportedProtocols.map(({ name, metadata }) => ({
        name,
        metadata: Buffer.from(metadata),
      })),
    },
  };
}

function encodeProgress(progress: MemberProgress): Buffer {
  return encodeRecordValue('ConsumerGroupCurrentMemberAssignmentValue', 0, {
    memberEpoch: progress.epoch,
    previousMemberEpoch: progress.previousEpoch,
    state: STATES.indexOf(progress.state),
    assignedPartitions: toTopicPartitions(progress.assigned),
    partitionsPendingRevocation: toTopicPartitions(progress.revoking),
  });
}

function decodeProgress(bytes: Buffer): MemberProgress {
  const value = decodeRecordValue('ConsumerGroupCurrentMemberAssignmentValue', bytes);
  return {
    epoch: value.memberEpoch,
    previousEpoch: value.previousMemberEpoch,
    // A state of a newer version: waiting for releases leads on from anywhere.
    state: STATES[value.state] ?? 'unreleased',
    assigned: toAssignment(value.assignedPartitions),
    revoking: toAssignment(value.partitionsPendingRevocation),
  };
}
