import { type Api, api } from '../api.ts';
import type { Verdict } from '../metadata/metadata-calls.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError, errorFields } from './error-fields.ts';
import { replicasProblem } from './manual-assignment.ts';
import { MutationCharge } from './mutation-quota.ts';

/** From here on a client knows THROTTLING_QUOTA_EXCEEDED (KIP-599). */
const FIRST_STRICT_VERSION = 3;

/** CreatePartitions v0-3: a topic only grows. One verdict per topic; validateOnly does all but the effect. */
export const createPartitions = ({ registry, node }: ControlPlane): Api =>
  api('CreatePartitions', [0, 3], async ({ topics, validateOnly }, context) => {
    const charge = new MutationCharge(context, FIRST_STRICT_VERSION);
    const names = topics.map(({ name }) => name);
    const refusals = topics.map((topic): Verdict | undefined => {
      if (names.indexOf(topic.name) !== names.lastIndexOf(topic.name))
        return { error: 'INVALID_REQUEST', message: 'Duplicate topic name.' };
      if (!context.access.may('ALTER', 'TOPIC', topic.name))
        return { error: 'TOPIC_AUTHORIZATION_FAILED', message: null };
      const before = registry.find(topic.name)?.partitionCount;
      if (before === undefined || topic.count <= before) return undefined;
      const added = topic.count - before;
      const problem = topic.assignments && assignmentProblem(topic.assignments, added, node.nodeId);
      return problem ?? (validateOnly ? undefined : charge.refusal(added));
    });
    const { throttleTimeMs } = charge;
    try {
      const wanted = topics
        .filter((_, index) => refusals[index] === undefined)
        .map(({ name, count }) => ({ name, partitionCount: count }));
      const results = (await registry.createPartitions(wanted, validateOnly)).values();
      return {
        throttleTimeMs,
        results: topics.map(({ name }, index) => {
          const { error, message } = refusals[index] ?? results.next().value!;
          return { name, ...errorFields(error, message) };
        }),
      };
    } catch (error) {
      return { results: topics.map(({ name }) => ({ name, errorCode: coordinatorError(error) })) };
    }
  });

function assignmentProblem(
  assignments: readonly { readonly brokerIds: readonly number[] }[],
  added: number,
  nodeId: number,
): Verdict | undefined {
  const refuse = (message: string): Verdict => ({ error: 'INVALID_REPLICA_ASSIGNMENT', message });
  if (assignments.length !== added)
    return refuse(
      `Attempted to add ${added} additional partition(s), but only ${assignments.length} assignment(s) were specified.`,
    );
  for (const { brokerIds } of assignments) {
    const problem = replicasProblem(brokerIds, nodeId, 1);
    if (problem !== undefined) return refuse(problem);
  }
  return undefined;
}
