import type { SqlAccess } from '../engine/service/access.ts';
import type { Overview } from './overview.ts';

/**
 * The part of an overview that an asker may see: topics that may be described, as in SHOW TOPICS, queries of such topics
 * alone, groups by their offsets in them. The same object when that is everything.
 */
export function visibleTo(access: SqlAccess, overview: Overview): Overview {
  const topics = overview.topics.filter(({ name }) => access.mayTopic('DESCRIBE', name, 'quiet'));
  if (topics.length === overview.topics.length) return overview;
  const names = new Set(topics.map(({ name }) => name));
  return {
    ...overview,
    topics,
    queries: overview.queries.filter((query) => query.topics.every((topic) => names.has(topic))),
    groups: overview.groups.flatMap((group) => {
      const positions = group.positions.filter(({ topic }) => names.has(topic));
      return positions.length > 0 ? [{ ...group, positions }] : [];
    }),
  };
}
