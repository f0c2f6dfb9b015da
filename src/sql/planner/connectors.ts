import type { StatementOf } from '../ast.ts';
import { exprText } from '../expression-text.ts';
import type { PlannedOf } from '../planned.ts';
import { SqlError } from '../sql-error.ts';
import { literalText } from './with-properties.ts';

const CLASS = 'connector.class';
const JDBC_SOURCE = 'io.confluent.connect.jdbc.JdbcSourceConnector';

/** What Kafka Connect is to be given: names as they are written, and every value a text. */
export function planCreateConnector(statement: StatementOf<'createConnector'>): PlannedOf<'createConnector'> {
  const { name, direction, ifNotExists, properties } = statement;
  const config = new Map<string, string>();
  for (const { name: key, value, line, column } of properties) {
    const text = literalText(value);
    if (text === undefined)
      throw new SqlError(
        `'${key}' must be a string, a number or a boolean, got ${exprText(value)}`,
        line,
        column,
      );
    if (config.has(key)) throw new SqlError(`'${key}' is given twice`, line, column);
    config.set(key, text);
  }
  if (!config.get(CLASS))
    throw new SqlError(
      `WITH needs '${CLASS}': SHOW CONNECTOR PLUGINS lists the classes there are.`,
      statement.line,
      statement.column,
    );
  if (config.get(CLASS) === JDBC_SOURCE) completeJdbcSource(config);
  return { kind: 'createConnector', name, direction, ifNotExists, config: Object.fromEntries(config) };
}

/** Connectors are no subject of the engine's own lists. */
export function planList(
  statement: StatementOf<'list'>,
): PlannedOf<'list' | 'listConnectors' | 'listConnectorPlugins'> {
  const { subject, extended, all, connectorScope: direction } = statement;
  if (subject === 'CONNECTOR PLUGINS') return { kind: 'listConnectorPlugins' };
  if (subject === 'CONNECTORS') return { kind: 'listConnectors', ...(direction && { direction }) };
  return { kind: 'list', subject, extended, all };
}

/** As ksqlDB does: `key` is the column that becomes a record's key, by two of Connect's transforms; one task unless given. */
function completeJdbcSource(config: Map<string, string>): void {
  const column = config.get('key');
  if (column !== undefined) {
    config.delete('key');
    const before = config.get('transforms');
    const own = 'millraceKey,millraceKeyField';
    config.set('transforms', before ? `${before},${own}` : own);
    config.set('transforms.millraceKey.type', 'org.apache.kafka.connect.transforms.ValueToKey');
    config.set('transforms.millraceKey.fields', column);
    config.set('transforms.millraceKeyField.type', 'org.apache.kafka.connect.transforms.ExtractField$Key');
    config.set('transforms.millraceKeyField.field', column);
  }
  if (!config.has('tasks.max')) config.set('tasks.max', '1');
}
