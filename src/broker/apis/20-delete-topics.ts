import { CLUSTER_NAME } from '../access.ts';
import { type Api, api } from '../api.ts';
import type { Verdict } from '../metadata/metadata-calls.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError, errorFields } from './error-fields.ts';
import { MutationCharge } from './mutation-quota.ts';

/** From here on a client knows THROTTLING_QUOTA_EXCEEDED (KIP-599). */
const FIRST_STRICT_VERSION = 5;
const NO_ID = '0'.repeat(32);

/** DeleteTopics v1-6: logs and committed offsets go too; durable when answered. v6 may name a topic by its id. */
export const deleteTopics = ({ registry, settings }: ControlPlane): Api =>
  api('DeleteTopics', [1, 6], async (request, context) => {
    const { access, apiVersion } = context;
    const charge = new MutationCharge(context, FIRST_STRICT_VERSION);
    const wanted =
      apiVersion < 6 ? request.topicNames.map((name) => ({ name, topicId: NO_ID })) : request.topics;
    const mayDeleteAll = access.may('DELETE', 'CLUSTER', CLUSTER_NAME, 'quiet');
    // A topic that is not there is denied to those who could not see it if it were.
    const isDenied = (name: string, exists: boolean) =>
      !mayDeleteAll && !access.may(exists ? 'DELETE' : 'DESCRIBE', 'TOPIC', name);
    const items = wanted.map(({ name, topicId }) => {
      const found = name === null ? registry.findById(topicId) : registry.find(name);
      const byId = name === null;
      const known = name ?? found?.name ?? null;
      if (known === null || !isDenied(known, found !== undefined))
        return { name: known, topicId: found?.topicId ?? topicId, byId, found, denied: false };
      // Whoever may not know the topic does not learn its other name.
      const shown = byId && !access.may('DESCRIBE', 'TOPIC', known, 'quiet') ? null : known;
      return { name: shown, topicId, byId, found: undefined, denied: true };
    });
    if (!settings.flag('delete.topic.enable')) {
      return {
        responses: items.map(({ name, topicId }) => ({
          name,
          topicId,
          ...errorFields('TOPIC_DELETION_DISABLED'),
        })),
      };
    }
    try {
      const refused = new Map<string, Verdict>();
      const names = new Set<string>();
      for (const { found } of items) {
        if (found === undefined || names.has(found.name)) continue;
        const refusal = charge.refusal(found.partitionCount);
        if (refusal === undefined) names.add(found.name);
        else refused.set(found.name, refusal);
      }
      const { throttleTimeMs } = charge;
      const results = await registry.deleteTopics([...names], { internalToo: false });
      const verdicts = new Map<string, Verdict>([
        ...refused,
        ...results.map((result) => [result.name, result] as const),
      ]);
      return {
        throttleTimeMs,
        responses: items.map(({ name, topicId, byId, denied }) => {
          if (denied) return { name, topicId, ...errorFields('TOPIC_AUTHORIZATION_FAILED') };
          const verdict = verdicts.get(name ?? '');
          const unknown = byId ? 'UNKNOWN_TOPIC_ID' : 'UNKNOWN_TOPIC_OR_PARTITION';
          return { name, topicId, ...errorFields(verdict?.error ?? unknown, verdict?.message) };
        }),
      };
    } catch (error) {
      return { responses: items.map(({ name }) => ({ name, errorCode: coordinatorError(error) })) };
    }
  });
