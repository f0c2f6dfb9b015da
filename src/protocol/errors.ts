export interface ProtocolErrorInfo {
  readonly code: number;
  readonly name: string;
  /** A client may send the same request again and hope for success. */
  readonly retriable: boolean;
  readonly message: string;
}

const RETRIABLE = true;
const FINAL = false;

/** All errors of Kafka 4.1: codes, names and retriability as in its `Errors` class. */
const TABLE = [
  [-1, 'UNKNOWN_SERVER_ERROR', FINAL, 'The server failed in an unforeseen way; its log tells more.'],
  [0, 'NONE', FINAL, 'No error.'],
  [1, 'OFFSET_OUT_OF_RANGE', FINAL, 'The offset is below the log start or beyond the log end.'],
  [2, 'CORRUPT_MESSAGE', RETRIABLE, 'A record batch fails its checksum or is malformed.'],
  [3, 'UNKNOWN_TOPIC_OR_PARTITION', RETRIABLE, 'This server does not host this topic-partition.'],
  [4, 'INVALID_FETCH_SIZE', FINAL, 'The fetch size is invalid.'],
  [5, 'LEADER_NOT_AVAILABLE', RETRIABLE, 'The partition has no leader at the moment.'],
  [6, 'NOT_LEADER_OR_FOLLOWER', RETRIABLE, 'This broker does not lead the partition.'],
  [7, 'REQUEST_TIMED_OUT', RETRIABLE, 'The request timed out.'],
  [8, 'BROKER_NOT_AVAILABLE', FINAL, 'The broker is not available.'],
  [9, 'REPLICA_NOT_AVAILABLE', RETRIABLE, 'The replica is not available.'],
  [10, 'MESSAGE_TOO_LARGE', FINAL, 'A record batch is larger than max.message.bytes.'],
  [11, 'STALE_CONTROLLER_EPOCH', FINAL, 'The controller has moved on.'],
  [12, 'OFFSET_METADATA_TOO_LARGE', FINAL, 'The metadata of a committed offset is too long.'],
  [13, 'NETWORK_EXCEPTION', RETRIABLE, 'The connection ended before a response arrived.'],
  [14, 'COORDINATOR_LOAD_IN_PROGRESS', RETRIABLE, 'The coordinator is still loading its state.'],
  [15, 'COORDINATOR_NOT_AVAILABLE', RETRIABLE, 'The coordinator is not available.'],
  [16, 'NOT_COORDINATOR', RETRIABLE, 'Another broker coordinates this.'],
  [17, 'INVALID_TOPIC_EXCEPTION', FINAL, 'The topic name or the operation on this topic is not allowed.'],
  [18, 'RECORD_LIST_TOO_LARGE', FINAL, 'A record batch is larger than a log segment.'],
  [19, 'NOT_ENOUGH_REPLICAS', RETRIABLE, 'Too few replicas are in sync to accept records.'],
  [20, 'NOT_ENOUGH_REPLICAS_AFTER_APPEND', RETRIABLE, 'Too few replicas were in sync after the append.'],
  [21, 'INVALID_REQUIRED_ACKS', FINAL, 'acks must be -1, 0 or 1.'],
  [22, 'ILLEGAL_GENERATION', FINAL, 'The group is at another generation.'],
  [23, 'INCONSISTENT_GROUP_PROTOCOL', FINAL, 'The member shares no protocol with the group.'],
  [24, 'INVALID_GROUP_ID', FINAL, 'The group id is invalid.'],
  [25, 'UNKNOWN_MEMBER_ID', FINAL, 'The group has no such member.'],
  [26, 'INVALID_SESSION_TIMEOUT', FINAL, 'The session timeout is outside the configured limits.'],
  [27, 'REBALANCE_IN_PROGRESS', FINAL, 'The group is rebalancing: join again.'],
  [28, 'INVALID_COMMIT_OFFSET_SIZE', FINAL, 'The offsets to commit are too large.'],
  [29, 'TOPIC_AUTHORIZATION_FAILED', FINAL, 'Topic authorization failed.'],
  [30, 'GROUP_AUTHORIZATION_FAILED', FINAL, 'Group authorization failed.'],
  [31, 'CLUSTER_AUTHORIZATION_FAILED', FINAL, 'Cluster authorization failed.'],
  [32, 'INVALID_TIMESTAMP', FINAL, 'A record timestamp is outside the accepted range.'],
  [33, 'UNSUPPORTED_SASL_MECHANISM', FINAL, 'This SASL mechanism is not enabled.'],
  [34, 'ILLEGAL_SASL_STATE', FINAL, 'The request does not fit the state of the SASL exchange.'],
  [35, 'UNSUPPORTED_VERSION', FINAL, 'This version of the API is not supported.'],
  [36, 'TOPIC_ALREADY_EXISTS', FINAL, 'A topic of this name exists already.'],
  [37, 'INVALID_PARTITIONS', FINAL, 'The number of partitions is invalid.'],
  [
    38,
    'INVALID_REPLICATION_FACTOR',
    FINAL,
    'The replication factor is below 1 or above the number of brokers.',
  ],
  [39, 'INVALID_REPLICA_ASSIGNMENT', FINAL, 'The replica assignment is invalid.'],
  [40, 'INVALID_CONFIG', FINAL, 'The configuration is invalid.'],
  [41, 'NOT_CONTROLLER', RETRIABLE, 'This broker is not the controller.'],
  [42, 'INVALID_REQUEST', FINAL, 'The request contradicts itself or the protocol.'],
  [43, 'UNSUPPORTED_FOR_MESSAGE_FORMAT', FINAL, 'The record format does not support the request.'],
  [44, 'POLICY_VIOLATION', FINAL, 'The configured policy forbids this.'],
  [45, 'OUT_OF_ORDER_SEQUENCE_NUMBER', FINAL, 'The producer sequence leaves a gap or goes back.'],
  [46, 'DUPLICATE_SEQUENCE_NUMBER', FINAL, 'The producer sequence was written before.'],
  [47, 'INVALID_PRODUCER_EPOCH', FINAL, 'The producer epoch is old.'],
  [48, 'INVALID_TXN_STATE', FINAL, 'The transaction is not in a state for this operation.'],
  [49, 'INVALID_PRODUCER_ID_MAPPING', FINAL, 'The transactional id belongs to another producer id.'],
  [50, 'INVALID_TRANSACTION_TIMEOUT', FINAL, 'The transaction timeout is above transaction.max.timeout.ms.'],
  [51, 'CONCURRENT_TRANSACTIONS', RETRIABLE, 'The previous operation on this transaction is not finished.'],
  [52, 'TRANSACTION_COORDINATOR_FENCED', FINAL, 'A newer transaction coordinator has taken over.'],
  [53, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED', FINAL, 'Transactional Id authorization failed.'],
  [54, 'SECURITY_DISABLED', FINAL, 'No authorizer is configured.'],
  [55, 'OPERATION_NOT_ATTEMPTED', FINAL, 'Left out, because another operation of the batch failed.'],
  [56, 'KAFKA_STORAGE_ERROR', RETRIABLE, 'The disk failed while the log was accessed.'],
  [57, 'LOG_DIR_NOT_FOUND', FINAL, 'There is no such log directory.'],
  [58, 'SASL_AUTHENTICATION_FAILED', FINAL, 'Authentication failed.'],
  [59, 'UNKNOWN_PRODUCER_ID', FINAL, 'Nothing is known about this producer id.'],
  [60, 'REASSIGNMENT_IN_PROGRESS', FINAL, 'A partition reassignment is in progress.'],
  [61, 'DELEGATION_TOKEN_AUTH_DISABLED', FINAL, 'Delegation tokens are not enabled.'],
  [62, 'DELEGATION_TOKEN_NOT_FOUND', FINAL, 'There is no such delegation token.'],
  [63, 'DELEGATION_TOKEN_OWNER_MISMATCH', FINAL, 'Only owner or renewer may do this.'],
  [64, 'DELEGATION_TOKEN_REQUEST_NOT_ALLOWED', FINAL, 'This channel may not handle delegation tokens.'],
  [65, 'DELEGATION_TOKEN_AUTHORIZATION_FAILED', FINAL, 'Not authorised for this delegation token.'],
  [66, 'DELEGATION_TOKEN_EXPIRED', FINAL, 'The delegation token has expired.'],
  [67, 'INVALID_PRINCIPAL_TYPE', FINAL, 'This principal type is not supported.'],
  [68, 'NON_EMPTY_GROUP', FINAL, 'The group is not empty.'],
  [69, 'GROUP_ID_NOT_FOUND', FINAL, 'There is no such group.'],
  [70, 'FETCH_SESSION_ID_NOT_FOUND', RETRIABLE, 'There is no such fetch session.'],
  [71, 'INVALID_FETCH_SESSION_EPOCH', RETRIABLE, 'The fetch session expects another epoch.'],
  [72, 'LISTENER_NOT_FOUND', RETRIABLE, 'The leader has no listener of this kind.'],
  [73, 'TOPIC_DELETION_DISABLED', FINAL, 'delete.topic.enable is false.'],
  [74, 'FENCED_LEADER_EPOCH', RETRIABLE, 'The request names an older leader epoch.'],
  [75, 'UNKNOWN_LEADER_EPOCH', RETRIABLE, 'The request names a leader epoch that does not exist yet.'],
  [76, 'UNSUPPORTED_COMPRESSION_TYPE', FINAL, 'This version of the request may not carry this compression.'],
  [77, 'STALE_BROKER_EPOCH', FINAL, 'The broker epoch has changed.'],
  [78, 'OFFSET_NOT_AVAILABLE', RETRIABLE, 'Offsets are not settled yet after a leader change.'],
  [79, 'MEMBER_ID_REQUIRED', FINAL, 'Join again with the member id given here.'],
  [80, 'PREFERRED_LEADER_NOT_AVAILABLE', RETRIABLE, 'The preferred leader is not available.'],
  [81, 'GROUP_MAX_SIZE_REACHED', FINAL, 'The group is full.'],
  [82, 'FENCED_INSTANCE_ID', FINAL, 'Another member has taken over this group.instance.id.'],
  [83, 'ELIGIBLE_LEADERS_NOT_AVAILABLE', RETRIABLE, 'No eligible leader is available.'],
  [84, 'ELECTION_NOT_NEEDED', RETRIABLE, 'The leader is already the wanted one.'],
  [85, 'NO_REASSIGNMENT_IN_PROGRESS', FINAL, 'No partition reassignment is in progress.'],
  [86, 'GROUP_SUBSCRIBED_TO_TOPIC', FINAL, 'The group is subscribed to this topic.'],
  [87, 'INVALID_RECORD', FINAL, 'A record breaks a rule of the topic or of the record format.'],
  [88, 'UNSTABLE_OFFSET_COMMIT', RETRIABLE, 'An open transaction holds offsets of this group.'],
  [89, 'THROTTLING_QUOTA_EXCEEDED', RETRIABLE, 'The quota is used up.'],
  [90, 'PRODUCER_FENCED', FINAL, 'A newer producer has taken over this transactional id.'],
  [91, 'RESOURCE_NOT_FOUND', FINAL, 'There is no such resource.'],
  [92, 'DUPLICATE_RESOURCE', FINAL, 'The request names a resource twice.'],
  [93, 'UNACCEPTABLE_CREDENTIAL', FINAL, 'The credential does not meet the criteria.'],
  [94, 'INCONSISTENT_VOTER_SET', FINAL, 'Sender or recipient is not one of the expected voters.'],
  [95, 'INVALID_UPDATE_VERSION', FINAL, 'The update version is invalid.'],
  [96, 'FEATURE_UPDATE_FAILED', FINAL, 'Finalised features could not be updated.'],
  [97, 'PRINCIPAL_DESERIALIZATION_FAILURE', FINAL, 'A forwarded principal could not be read.'],
  [98, 'SNAPSHOT_NOT_FOUND', FINAL, 'There is no such snapshot.'],
  [99, 'POSITION_OUT_OF_RANGE', FINAL, 'The position lies outside the snapshot.'],
  [100, 'UNKNOWN_TOPIC_ID', RETRIABLE, 'There is no topic with this id.'],
  [101, 'DUPLICATE_BROKER_REGISTRATION', FINAL, 'The broker id is in use.'],
  [102, 'BROKER_ID_NOT_REGISTERED', FINAL, 'The broker id is not registered.'],
  [103, 'INCONSISTENT_TOPIC_ID', RETRIABLE, 'The topic id does not belong to the topic.'],
  [104, 'INCONSISTENT_CLUSTER_ID', FINAL, 'The request is meant for another cluster.'],
  [105, 'TRANSACTIONAL_ID_NOT_FOUND', FINAL, 'There is no such transactional id.'],
  [106, 'FETCH_SESSION_TOPIC_ID_ERROR', RETRIABLE, 'A fetch session may not mix topic names and ids.'],
  [107, 'INELIGIBLE_REPLICA', FINAL, 'A replica of the new in-sync set is not eligible.'],
  [108, 'NEW_LEADER_ELECTED', FINAL, 'The change succeeded and the leader moved.'],
  [109, 'OFFSET_MOVED_TO_TIERED_STORAGE', FINAL, 'The offset has moved to tiered storage.'],
  [110, 'FENCED_MEMBER_EPOCH', FINAL, 'The member is fenced: give up all partitions and join again.'],
  [111, 'UNRELEASED_INSTANCE_ID', FINAL, 'Another member still holds this instance id.'],
  [112, 'UNSUPPORTED_ASSIGNOR', FINAL, 'The assignor is not supported by the group.'],
  [113, 'STALE_MEMBER_EPOCH', FINAL, 'The member epoch is old: retry after the next heartbeat.'],
  [114, 'MISMATCHED_ENDPOINT_TYPE', FINAL, 'The request was sent to the wrong kind of endpoint.'],
  [115, 'UNSUPPORTED_ENDPOINT_TYPE', FINAL, 'This kind of endpoint is not supported.'],
  [116, 'UNKNOWN_CONTROLLER_ID', FINAL, 'There is no controller with this id.'],
  [117, 'UNKNOWN_SUBSCRIPTION_ID', FINAL, 'The telemetry subscription is unknown or outdated.'],
  [118, 'TELEMETRY_TOO_LARGE', FINAL, 'The pushed telemetry is too large.'],
  [119, 'INVALID_REGISTRATION', FINAL, 'The broker registration is invalid.'],
  [120, 'TRANSACTION_ABORTABLE', FINAL, 'The transaction failed; abort it and go on.'],
  [121, 'INVALID_RECORD_STATE', FINAL, 'The record is not in a state to be acknowledged.'],
  [122, 'SHARE_SESSION_NOT_FOUND', RETRIABLE, 'There is no such share session.'],
  [123, 'INVALID_SHARE_SESSION_EPOCH', RETRIABLE, 'The share session expects another epoch.'],
  [124, 'FENCED_STATE_EPOCH', FINAL, 'The state epoch of the share group does not match.'],
  [125, 'INVALID_VOTER_KEY', FINAL, 'The voter key is not that of the receiver.'],
  [126, 'DUPLICATE_VOTER', FINAL, 'The voter is already in the set.'],
  [127, 'VOTER_NOT_FOUND', FINAL, 'The voter is not in the set.'],
  [128, 'INVALID_REGULAR_EXPRESSION', FINAL, 'The regular expression is invalid.'],
  [129, 'REBOOTSTRAP_REQUIRED', FINAL, 'The client metadata is outdated: bootstrap again.'],
  [130, 'STREAMS_INVALID_TOPOLOGY', FINAL, 'The topology is invalid.'],
  [131, 'STREAMS_INVALID_TOPOLOGY_EPOCH', FINAL, 'The topology epoch is invalid.'],
  [132, 'STREAMS_TOPOLOGY_FENCED', FINAL, 'The topology epoch is outdated.'],
  [133, 'SHARE_SESSION_LIMIT_REACHED', RETRIABLE, 'There are as many share sessions as allowed.'],
] as const;

export type ErrorName = (typeof TABLE)[number][1];

const BY_NAME = new Map<string, ProtocolErrorInfo>();
const BY_CODE = new Map<number, ProtocolErrorInfo>();
for (const [code, name, retriable, message] of TABLE) {
  const entry = { code, name, retriable, message };
  BY_NAME.set(name, entry);
  BY_CODE.set(code, entry);
}
const UNKNOWN = BY_CODE.get(-1)!;

export function errorCode(name: ErrorName): number {
  return errorByName(name).code;
}

/** For names that come from another layer as text; an unknown one is a server error. */
export function errorByName(name: string): ProtocolErrorInfo {
  return BY_NAME.get(name) ?? UNKNOWN;
}

export function errorByCode(code: number): ProtocolErrorInfo {
  return BY_CODE.get(code) ?? UNKNOWN;
}
