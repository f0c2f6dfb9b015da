import type { FieldDefinition, MessageDefinition } from './definition.ts';
import { type ApiName, MESSAGES, type MessageName } from './messages.gen.ts';

/**
 * Versions that Kafka 4.0 no longer knows (KIP-896) and agents from before 2.1 still send. Each is written as its
 * difference from the first version that Kafka kept, which is all there is to say about it.
 */
interface OldVersions {
  readonly first: number;
  /** Fields that came later than `first`, by their path. */
  readonly since?: Readonly<Record<string, number>>;
  /** Fields that are gone, by the path of the field they stood behind. */
  readonly gone?: Readonly<Record<string, FieldDefinition>>;
}

const OLD: Partial<Record<MessageName, OldVersions>> = {
  ProduceRequest: { first: 0, since: { transactionalId: 3 } },
  ProduceResponse: {
    first: 0,
    since: { throttleTimeMs: 1, 'responses.partitionResponses.logAppendTimeMs': 2 },
  },
  FetchRequest: { first: 0, since: { maxBytes: 3, isolationLevel: 4 } },
  FetchResponse: {
    first: 0,
    since: {
      throttleTimeMs: 1,
      'responses.partitions.lastStableOffset': 4,
      'responses.partitions.abortedTransactions': 4,
    },
  },
  ListOffsetsRequest: {
    first: 0,
    gone: {
      'topics.partitions.timestamp': { name: 'maxNumOffsets', type: 'int32', until: 0, default: 1 },
    },
  },
  ListOffsetsResponse: {
    first: 0,
    since: { 'topics.partitions.timestamp': 1, 'topics.partitions.offset': 1 },
    gone: {
      'topics.partitions.errorCode': { name: 'oldStyleOffsets', type: 'int64', array: true, until: 0 },
    },
  },
  OffsetCommitRequest: {
    first: 0,
    since: { generationIdOrMemberEpoch: 1, memberId: 1, retentionTimeMs: 2 },
    gone: {
      'topics.partitions.committedOffset': {
        name: 'commitTimestamp',
        type: 'int64',
        since: 1,
        until: 1,
        default: -1,
      },
    },
  },
  OffsetCommitResponse: { first: 0 },
  OffsetFetchRequest: { first: 0 },
  OffsetFetchResponse: { first: 0 },
  CreateTopicsRequest: { first: 0, since: { validateOnly: 1 } },
  CreateTopicsResponse: { first: 0, since: { throttleTimeMs: 2, 'topics.errorMessage': 1 } },
  DeleteTopicsRequest: { first: 0 },
  DeleteTopicsResponse: { first: 0, since: { throttleTimeMs: 1 } },
  OffsetForLeaderEpochRequest: { first: 0, since: { 'topics.partitions.currentLeaderEpoch': 2 } },
  OffsetForLeaderEpochResponse: {
    first: 0,
    since: { throttleTimeMs: 2, 'topics.partitions.leaderEpoch': 1 },
  },
  DescribeConfigsRequest: { first: 0, since: { includeSynonyms: 1 } },
  DescribeConfigsResponse: {
    first: 0,
    since: { 'results.configs.configSource': 1, 'results.configs.synonyms': 1 },
    gone: { 'results.configs.readOnly': { name: 'isDefault', type: 'bool', until: 0 } },
  },
  AlterReplicaLogDirsRequest: { first: 0 },
  AlterReplicaLogDirsResponse: { first: 0 },
  DescribeLogDirsRequest: { first: 0 },
  DescribeLogDirsResponse: { first: 0 },
};

const widened = new Map<MessageName, MessageDefinition>();

/** The definition that has this version of a message, be it an old one. */
export function definitionOf(name: MessageName, version: number): MessageDefinition {
  const definition = MESSAGES[name];
  const old = OLD[name];
  if (version >= definition.versions[0] || old === undefined) return definition;
  let known = widened.get(name);
  if (known === undefined) {
    const versions = [old.first, definition.versions[1]] as const;
    known = { ...definition, versions, fields: widen(definition.fields, old, '') };
    widened.set(name, known);
  }
  return known;
}

/** The first version of an API that old agents may send. */
export function firstOldVersion(name: ApiName): number {
  return OLD[`${name}Request`]?.first ?? MESSAGES[`${name}Request`].versions[0];
}

function widen(fields: readonly FieldDefinition[], old: OldVersions, prefix: string): FieldDefinition[] {
  return fields.flatMap((field) => {
    const path = `${prefix}${field.name}`;
    const since = old.since?.[path];
    const changed: FieldDefinition = {
      ...field,
      ...(since !== undefined && { since }),
      ...(field.fields && { fields: widen(field.fields, old, `${path}.`) }),
    };
    const behind = old.gone?.[path];
    return behind === undefined ? [changed] : [changed, behind];
  });
}
