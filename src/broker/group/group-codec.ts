import { Buffer } from 'node:buffer';
import {
  decodeRecordKey,
  decodeRecordValue,
  encodeRecordKey,
  encodeRecordValue,
  recordType,
} from '../../protocol/coordinator-record.ts';
import { MESSAGES } from '../../protocol/messages.gen.ts';
import type { EntryCodec } from '../../topics/state-machine.ts';
import { decodeConsumerEntry, encodeConsumerEntry } from './consumer/consumer-codec.ts';
import type { CoordinatorEntry, RecordedGeneration, RecordedOffset } from './group-entries.ts';
import { decodeShareGroup, encodeShareGroup, isShareGroupEntry } from './share/share-group-codec.ts';

// The versions Kafka 4.1 writes: the newest ones that brokers since 2.1 can read.
const GROUP_VERSION = 3;
const OFFSET_VERSION = 3;
/** The one version whose record names its own end of life. */
const EXPIRING_OFFSET_VERSION = 1;

/** `__consumer_offsets` in Kafka's own record schemas, so that tools that decode it keep working. */
export const groupCodec: EntryCodec<CoordinatorEntry> = {
  encode(entry) {
    if (isShareGroupEntry(entry)) return encodeShareGroup(entry);
    if (entry.kind === 'group') {
      const key = encodeRecordKey('GroupMetadataKey', { group: entry.groupId });
      return { key, value: entry.value && encodeGroup(entry.value) };
    }
    if (entry.kind !== 'offset') return encodeConsumerEntry(entry);
    const { groupId: group, topic, partition, value } = entry;
    const key = encodeRecordKey('OffsetCommitKey', { group, topic, partition });
    return { key, value: value && encodeOffset(value) };
  },

  decode(key, value) {
    switch (recordType(key)) {
      case MESSAGES.OffsetCommitKey.key: {
        const { group: groupId, topic, partition } = decodeRecordKey('OffsetCommitKey', key);
        return { kind: 'offset', groupId, topic, partition, value: value && decodeOffset(value) };
      }
      case MESSAGES.GroupMetadataKey.key: {
        const { group: groupId } = decodeRecordKey('GroupMetadataKey', key);
        return { kind: 'group', groupId, value: value && decodeGroup(value) };
      }
      default:
        return decodeConsumerEntry(key, value) ?? decodeShareGroup(key, value);
    }
  },
};

function encodeOffset(offset: RecordedOffset): Buffer {
  const version = offset.expiresAtMs === undefined ? OFFSET_VERSION : EXPIRING_OFFSET_VERSION;
  return encodeRecordValue('OffsetCommitValue', version, {
    offset: offset.offset,
    leaderEpoch: offset.leaderEpoch,
    metadata: offset.metadata,
    commitTimestamp: offset.committedAtMs,
    expireTimestamp: offset.expiresAtMs,
  });
}

function decodeOffset(bytes: Buffer): RecordedOffset {
  const value = decodeRecordValue('OffsetCommitValue', bytes);
  return {
    offset: value.offset,
    leaderEpoch: value.leaderEpoch,
    metadata: value.metadata,
    committedAtMs: value.commitTimestamp,
    expiresAtMs: value.expireTimestamp < 0 ? undefined : value.expireTimestamp,
  };
}

function encodeGroup(value: RecordedGeneration): Buffer {
  return encodeRecordValue('GroupMetadataValue', GROUP_VERSION, {
    protocolType: value.protocolType,
    generation: value.generation,
    protocol: value.protocol,
    leader: value.leader,
    currentStateTimestamp: value.stateSinceMs,
    members: value.members.map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rebalanceTimeout: member.rebalanceTimeoutMs,
      sessionTimeout: member.sessionTimeoutMs,
      subscription: member.subscription,
      assignment: member.assignment,
    })),
  });
}

function decodeGroup(bytes: Buffer): RecordedGeneration {
  const value = decodeRecordValue('GroupMetadataValue', bytes);
  return {
    protocolType: value.protocolType,
    generation: value.generation,
    protocol: value.protocol,
    leader: value.leader,
    stateSinceMs: value.currentStateTimestamp,
    members: value.members.map((member) => ({
      memberId: member.memberId,
      instanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rebalanceTimeoutMs: member.rebalanceTimeout,
      sessionTimeoutMs: member.sessionTimeout,
      // Copies: a view would keep the whole chunk of log it was read from in memory.
      subscription: Buffer.from(member.subscription),
      assignment: Buffer.from(member.assignment),
    })),
  };
}
