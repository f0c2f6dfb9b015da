import { type Api, api } from '../api.ts';
import type { Verdict } from '../metadata/metadata-calls.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError, errorFields } from './error-fields.ts';

/** CreatePartitions v0-3: a topic only grows. One verdict per topic; validateOnly does all but the effect. */
export const createPartitions = ({ registry, node }: ControlPlane): Api =>
  api('CreatePartitions', [0, 3], async ({ topics, validateOnly }) => {
    const names = topics.map(({ name }) => name);
    const refusals = topics.map((topic): Verdict | undefined => {
      if (names.indexOf(topic.name) !== names.lastIndexOf(topic.name))
        return { error: 'INVALID_REQUEST', message: 'Duplicate topic name.' };
      const before = registry.find(topic.name)?.partitionCount;
      if (topic.assignments === null || before === undefined) return undefined;
      const isHere = topic.assignments.every(
        ({ brokerIds }) => brokerIds.length === 1 && brokerIds[0] === node.nodeId,
      );
      if (isHere && topic.assignments.length === topic.count - before) return undefined;
      const message = `Each added partition needs the one broker, ${node.nodeId}, in its assignment.`;
      return { error: 'INVALID_REPLICA_ASSIGNMENT', message };
    });
    try {
      const wanted = topics
        .filter((_, index) => refusals[index] === undefined)
        .map(({ name, count }) => ({ name, partitionCount: count }));
      const results = (await registry.createPartitions(wanted, validateOnly)).values();
      return {
        results: topics.map(({ name }, index) => {
          const { error, message } = refusals[index] ?? results.next().value!;
          return { name, ...errorFields(error, message) };
        }),
      };
    } catch (error) {
      return { results: topics.map(({ name }) => ({ name, errorCode: coordinatorError(error) })) };
    }
  });
