import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError, errorFields } from './error-fields.ts';

const NO_ID = '0'.repeat(32);

/** DeleteTopics v1-6: logs and committed offsets go too; durable when answered. v6 may name a topic by its id. */
export const deleteTopics = ({ registry, settings }: ControlPlane): Api =>
  api('DeleteTopics', [1, 6], async (request, { apiVersion }) => {
    const wanted =
      apiVersion < 6 ? request.topicNames.map((name) => ({ name, topicId: NO_ID })) : request.topics;
    const items = wanted.map(({ name, topicId }) => {
      const found = name === null ? registry.findById(topicId) : registry.find(name);
      return {
        name: name ?? found?.name ?? null,
        topicId: found?.topicId ?? topicId,
        byId: name === null,
        found,
      };
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
      const names = new Set(items.flatMap(({ found }) => found?.name ?? []));
      const results = await registry.deleteTopics([...names], { internalToo: false });
      const verdicts = new Map(results.map((result) => [result.name, result]));
      return {
        responses: items.map(({ name, topicId, byId }) => {
          const verdict = verdicts.get(name ?? '');
          const unknown = byId ? 'UNKNOWN_TOPIC_ID' : 'UNKNOWN_TOPIC_OR_PARTITION';
          return { name, topicId, ...errorFields(verdict?.error ?? unknown, verdict?.message) };
        }),
      };
    } catch (error) {
      return { responses: items.map(({ name }) => ({ name, errorCode: coordinatorError(error) })) };
    }
  });
