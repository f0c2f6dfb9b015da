import type { Assignment } from './assignment.ts';
import type { ConsumerGroupDescription } from './consumer-calls.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { GroupTopics } from './group-topics.ts';
import { assignorOf } from './target.ts';

export function describeConsumerGroup(
  group: ConsumerGroup,
  topics: GroupTopics,
  configuredAssignors: readonly string[],
): ConsumerGroupDescription {
  /** A deleted topic has no name to show. */
  const named = (assignment: Assignment) =>
    [...assignment].flatMap(([topicId, partitions]) => {
      const topicName = topics.findById(topicId)?.name;
      return topicName === undefined ? [] : [{ topicId, topicName, partitions }];
    });
  return {
    groupId: group.groupId,
    state: group.state,
    epoch: group.epoch,
    targetEpoch: group.targetEpoch,
    assignor: assignorOf(group, configuredAssignors),
    members: [...group.members.values()].map((member) => ({
      memberId: member.memberId,
      instanceId: member.instanceId,
      rackId: member.rackId,
      memberEpoch: member.epoch,
      clientId: member.clientId,
      clientHost: member.clientHost,
      subscribedTopics: member.subscribedTopics,
      subscribedRegex: member.subscribedRegex,
      assignment: named(member.assigned),
      target: named(group.targetOf(member.memberId)),
      isClassic: member.classic !== null,
    })),
  };
}
