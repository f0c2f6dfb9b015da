import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError } from './error-fields.ts';
import { groupRefusal } from './group-access.ts';

/**
 * OffsetDelete v0: forgets committed offsets, unless a member still subscribes to the topic. Asks for DELETE of the
 * group and READ of each topic.
 */
export const offsetDelete = ({ groups, registry }: ControlPlane): Api =>
  api('OffsetDelete', [0, 0], async ({ groupId, topics }, { access }) => {
    const refusal = groupRefusal(access, 'DELETE', groupId);
    if (refusal !== 'NONE') return { errorCode: errorCode(refusal) };
    const problem = (topic: string, partition: number): ErrorName | undefined => {
      if (!access.may('READ', 'TOPIC', topic)) return 'TOPIC_AUTHORIZATION_FAILED';
      const count = registry.find(topic)?.partitionCount ?? 0;
      return partition >= 0 && partition < count ? undefined : 'UNKNOWN_TOPIC_OR_PARTITION';
    };
    const partitions = topics
      .flatMap((topic) =>
        topic.partitions.map(({ partitionIndex }) => ({ topic: topic.name, partition: partitionIndex })),
      )
      .filter(({ topic, partition }) => problem(topic, partition) === undefined);
    try {
      // Nothing left to ask the group for: topics have been answered for, and so it need not exist.
      const nothing = { error: 'NONE' as const, results: [] };
      const { error, results } =
        partitions.length === 0 ? nothing : await groups.call('deleteOffsets', { groupId, partitions });
      if (error !== 'NONE') return { errorCode: errorCode(error) };
      const codes = results.values();
      return {
        topics: topics.map((topic) => ({
          name: topic.name,
          partitions: topic.partitions.map(({ partitionIndex }) => ({
            partitionIndex,
            errorCode: errorCode(problem(topic.name, partitionIndex) ?? codes.next().value!),
          })),
        })),
      };
    } catch (error) {
      return { errorCode: coordinatorError(error) };
    }
  });
