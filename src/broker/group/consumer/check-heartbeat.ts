import { type ConsumerHeartbeatRequest, type Refusal, refusal } from './consumer-calls.ts';
import { JOIN_EPOCH, STATIC_LEAVE_EPOCH } from './consumer-member.ts';
import { regexProblem } from './regexes.ts';

/** What is wrong with a heartbeat whatever the group's state. */
export function checkHeartbeat(
  request: ConsumerHeartbeatRequest,
  assignors: readonly string[],
): Refusal | undefined {
  const problem = shapeProblem(request);
  if (problem !== undefined) return refusal('INVALID_REQUEST', problem);
  const { serverAssignor, subscribedRegex } = request;
  if (serverAssignor !== null && !assignors.includes(serverAssignor))
    return refusal(
      'UNSUPPORTED_ASSIGNOR',
      `ServerAssignor ${serverAssignor} is not supported. Supported assignors: ${assignors.join(', ')}.`,
    );
  if (subscribedRegex === null || subscribedRegex === '') return undefined;
  const why = regexProblem(subscribedRegex);
  if (why === undefined) return undefined;
  return refusal(
    'INVALID_REGULAR_EXPRESSION',
    `SubscribedTopicRegex \`${subscribedRegex}\` is not a valid regular expression: ${why}.`,
  );
}

function shapeProblem(request: ConsumerHeartbeatRequest): string | undefined {
  const { memberEpoch, owned } = request;
  if (isBlank(request.groupId)) return "GroupId can't be empty.";
  if (isBlank(request.instanceId)) return "InstanceId can't be empty.";
  if (isBlank(request.rackId)) return "RackId can't be empty.";
  if (memberEpoch < STATIC_LEAVE_EPOCH) return 'MemberEpoch is invalid.';
  if (memberEpoch !== JOIN_EPOCH && isBlank(request.memberId)) return "MemberId can't be empty.";
  if (memberEpoch === STATIC_LEAVE_EPOCH && request.instanceId === null) return "InstanceId can't be null.";
  if (memberEpoch !== JOIN_EPOCH) return undefined;
  if (request.rebalanceTimeoutMs === -1) return 'RebalanceTimeoutMs must be provided in first request.';
  if (owned === null || owned.length > 0) return 'TopicPartitions must be empty when (re-)joining.';
  if (request.subscribedTopics === null && request.subscribedRegex === null)
    return 'Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.';
  return undefined;
}

/** Present and without a character: a client that means to leave it out sends null. */
function isBlank(text: string | null): boolean {
  return text !== null && text.trim() === '';
}
