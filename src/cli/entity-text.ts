import { summaryOfText } from '../engine/service/statement-text.ts';
import { connectorText } from './connector-text.ts';
import type { Entity } from './sql-client.ts';
import { textTable } from './text-table.ts';

type Item = Readonly<Record<string, unknown>>;
type Show = (entity: Entity) => string;

/** An entity of /ksql for a person to read. */
export function entityText(entity: Entity): string {
  const show = SHOW[entity['@type'] ?? ''];
  if (!show) return JSON.stringify(entity, null, 2);
  const warnings = ((entity.warnings ?? []) as Item[]).map(({ message }) => `Warning: ${message}`);
  return [show(entity), ...warnings].join('\n');
}

const SHOW: Readonly<Record<string, Show>> = {
  currentStatus: (entity) => String((entity.commandStatus as Item).message),
  warning_entity: (entity) => String(entity.message),
  terminate_query: (entity) => `Query ${entity.queryId} terminated.`,
  streams: list('streams', ['name', 'topic', 'keyFormat', 'valueFormat']),
  tables: list('tables', ['name', 'topic', 'keyFormat', 'valueFormat']),
  queries: (entity) =>
    list('queries', ['id', 'queryType', 'state', 'sinks', 'queryString'])({
      ...entity,
      queries: (entity.queries as Item[]).map((query) => ({
        ...query,
        queryString: summaryOfText(String(query.queryString)),
      })),
    }),
  kafka_topics: topics,
  kafka_topics_extended: topics,
  function_names: list('functions', ['name', 'type', 'category']),
  properties: list('properties', ['name', 'scope', 'value', 'editable']),
  variables: list('variables', ['name', 'value']),
  type_list: (entity) =>
    textTable(
      ['name', 'schema'],
      Object.entries(entity.types as Item).map(([name, schema]) => [name, typeText(schema as Item)]),
    ),
  sourceDescription: (entity) => sourceText(entity.sourceDescription as Item),
  source_descriptions: (entity) => (entity.sourceDescriptions as Item[]).map(sourceText).join('\n\n'),
  queryDescription: (entity) => queryText(entity.queryDescription as Item),
  query_descriptions: (entity) => (entity.queryDescriptions as Item[]).map(queryText).join('\n\n'),
  describe_function: functionText,
  connector_info: (entity) => `Connector ${(entity.info as Item).name} created.`,
  drop_connector: (entity) => `Connector ${entity.connectorName} dropped.`,
  connector_list: list('connectors', ['name', 'type', 'className', 'state']),
  connector_plugins_list: list('connectorsPlugins', ['className', 'type', 'version']),
  connector_description: connectorText,
};

function list(field: string, columns: readonly string[]): Show {
  return (entity) => {
    const items = entity[field] as Item[];
    return textTable(
      columns,
      items.map((item) =>
        columns.map((column) => (Array.isArray(item[column]) ? item[column].join(', ') : item[column])),
      ),
    );
  };
}

function topics(entity: Entity): string {
  const rows = (entity.topics as Item[]).map(({ name, replicaInfo, consumerCount, consumerGroupCount }) => {
    const replicas = replicaInfo as number[];
    return [name, replicas.length, Math.max(0, ...replicas), consumerCount, consumerGroupCount];
  });
  const header = ['name', 'partitions', 'replicas', 'consumers', 'groups'];
  return entity['@type'] === 'kafka_topics' ? textTable(header.slice(0, 3), rows) : textTable(header, rows);
}

function sourceText(source: Item): string {
  const fields = (source.fields as Item[]).map(({ name, schema, type }) => {
    const key = source.type === 'TABLE' ? ' (primary key)' : ' (key)';
    const window = source.windowType ? ` (Window type: ${source.windowType})` : '';
    return [name, typeText(schema as Item) + (type === 'KEY' ? key + window : '')];
  });
  const lines = [`Name: ${source.name}`, textTable(['field', 'type'], fields)];
  if (!source.extended) return lines.join('\n');
  const facts = [
    'type',
    'topic',
    'partitions',
    'keyFormat',
    'valueFormat',
    'statement',
    'statistics',
    'errorStats',
  ];
  for (const fact of facts) if (source[fact] !== '') lines.push(`${fact}: ${source[fact]}`);
  for (const kind of ['readQueries', 'writeQueries'] as const) {
    const queries = source[kind] as Item[];
    if (queries.length > 0)
      lines.push(`${kind}: ${queries.map(({ id, state }) => `${id} (${state})`).join(', ')}`);
  }
  return lines.join('\n');
}

function queryText(query: Item): string {
  const lines = [`ID: ${query.id || '(not running)'}`, `Statement: ${query.statementText}`];
  if (query.state) lines.push(`State: ${query.state}`);
  lines.push('', 'Plan', String(query.executionPlan), '', 'Compiled expressions', String(query.topology));
  for (const { errorMessage } of query.queryErrors as Item[]) lines.push('', `Error: ${errorMessage}`);
  return lines.join('\n');
}

function functionText(entity: Entity): string {
  const variants = (entity.functions as Item[]).map(({ arguments: given, returnType }) => {
    const types = (given as Item[]).map(({ type, isVariadic }) => `${type}${isVariadic ? '...' : ''}`);
    return `  ${entity.name}(${types.join(', ')}) -> ${returnType}`;
  });
  return [`${entity.name}: ${entity.description}`, ...variants].join('\n');
}

function typeText({ type, memberSchema, fields, parameters }: Item): string {
  if (type === 'ARRAY') return `ARRAY<${typeText(memberSchema as Item)}>`;
  if (type === 'MAP') return `MAP<STRING, ${typeText(memberSchema as Item)}>`;
  if (type === 'STRUCT')
    return `STRUCT<${(fields as Item[]).map(({ name, schema }) => `${name} ${typeText(schema as Item)}`).join(', ')}>`;
  if (type === 'DECIMAL' && parameters) {
    const { precision, scale } = parameters as Item;
    return `DECIMAL(${precision}, ${scale})`;
  }
  return type === 'STRING' ? 'VARCHAR(STRING)' : String(type);
}
