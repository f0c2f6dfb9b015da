import type { Definitions } from './definitions.ts';
import { BAD_REQUEST, KsqlError } from './ksql-error.ts';
import type { QueryRegistry } from './query-registry.ts';
import type { SqlState } from './sql-state.ts';

/**
 * What ksqlDB calls terminating the cluster: ends every query, drops every stream, table and type, and deletes those
 * of their topics that a pattern names whole. Source streams and tables leave their topics to whom they belong.
 */
export async function endService(
  topicPatterns: readonly string[],
  statementText: string,
  parts: {
    readonly state: SqlState;
    readonly definitions: Definitions;
    readonly queries: QueryRegistry;
  },
): Promise<void> {
  const { state, definitions, queries } = parts;
  const patterns = topicPatterns.map(wholeName);
  const given = { text: statementText, properties: {} };
  for (const push of [...queries.pushes()]) push.close();
  for (const { plan } of [...queries.persistent()])
    if (!plan.sink.keepsOnly) await definitions.changeQuery('terminate', plan.queryId, given);
  for (const { name, relation, topic, readOnly } of [...state.sources()]) {
    const deleteTopic = !readOnly && patterns.some((pattern) => pattern.test(topic));
    await definitions.drop({ kind: 'drop', relation, name, ifExists: false, deleteTopic }, given);
  }
  for (const name of [...state.types().keys()])
    await definitions.dropType({ kind: 'dropType', name, ifExists: true }, given);
}

function wholeName(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`);
  } catch {
    throw new KsqlError(
      BAD_REQUEST,
      `deleteTopicList has a pattern that is no regular expression: ${pattern}`,
    );
  }
}
