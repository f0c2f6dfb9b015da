import type { ErrorName } from '../../../protocol/errors.ts';
import type { TopicPartitions } from './assignment.ts';
import type { ConsumerStateName } from './consumer-group.ts';

/** null and -1: as before. */
export interface ConsumerHeartbeatRequest {
  readonly groupId: string;
  /** Empty: the server gives one, which clients before version 1 rely on. */
  readonly memberId: string;
  /** 0 joins, -1 leaves, -2 leaves for a while (static members). */
  readonly memberEpoch: number;
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number;
  readonly subscribedTopics: readonly string[] | null;
  readonly subscribedRegex: string | null;
  readonly serverAssignor: string | null;
  readonly owned: readonly TopicPartitions[] | null;
  /** Topics the client may not see match no regular expression. */
  readonly mayDescribe: (topic: string) => boolean;
}

export interface ConsumerHeartbeatReply {
  readonly error: ErrorName;
  readonly message: string | null;
  readonly memberId: string | null;
  readonly memberEpoch: number;
  readonly heartbeatIntervalMs: number;
  /** null: as before. */
  readonly assignment: readonly TopicPartitions[] | null;
}

interface NamedTopicPartitions extends TopicPartitions {
  readonly topicName: string;
}

export interface ConsumerGroupDescription {
  readonly groupId: string;
  readonly state: ConsumerStateName;
  readonly epoch: number;
  readonly targetEpoch: number;
  readonly assignor: string;
  readonly members: readonly {
    readonly memberId: string;
    readonly instanceId: string | null;
    readonly rackId: string | null;
    readonly memberEpoch: number;
    readonly clientId: string;
    readonly clientHost: string;
    readonly subscribedTopics: readonly string[];
    readonly subscribedRegex: string;
    readonly assignment: readonly NamedTopicPartitions[];
    readonly target: readonly NamedTopicPartitions[];
    readonly isClassic: boolean;
  }[];
}

/** Why a call was refused. */
export interface Refusal {
  readonly error: Exclude<ErrorName, 'NONE'>;
  readonly message: string;
}

export function refusal(error: Refusal['error'], message: string): Refusal {
  return { error, message };
}

export function isRefusal<Value extends object>(value: Value | Refusal): value is Refusal {
  return 'error' in value;
}
