import type { Column, Schema } from '../../data/schema.ts';
import { resolveType } from '../analyse/resolve-type.ts';
import type { At, ColumnDefinition, StatementOf } from '../ast.ts';
import type { Source } from '../catalog.ts';
import { datePattern } from '../functions/date-pattern.ts';
import type { KeyWindow } from '../plan.ts';
import type { Planned, StatementSchemas } from '../planned.ts';
import { SqlError } from '../sql-error.ts';
import type { PlanContext } from './context.ts';
import { defaultFormats } from './context.ts';
import { checkKeyHasNoMap, declaredFormats, resolveFormats } from './formats.ts';
import { headerColumn, isHeader } from './header-columns.ts';
import { sourceTablePlan } from './source-table.ts';
import { declaredWindow } from './window.ts';
import { WithProperties } from './with-properties.ts';

export const PSEUDO_COLUMNS: readonly string[] = ['ROWTIME', 'ROWPARTITION', 'ROWOFFSET'];
export const RESERVED_COLUMNS: readonly string[] = [...PSEUDO_COLUMNS, 'WINDOWSTART', 'WINDOWEND'];

/** CREATE STREAM | TABLE with columns. */
export function planCreateSource(
  statement: StatementOf<'createSource'>,
  text: string,
  context: PlanContext,
): Planned {
  const options = new WithProperties(statement.properties, 'declaration');
  const topic = options.text('KAFKA_TOPIC');
  if (topic === undefined) {
    throw new SqlError(
      "The statement does not say which topic to read: WITH (KAFKA_TOPIC = 'name', ...).",
      statement.line,
      statement.column,
    );
  }
  const schemas = context.options.schemas ?? {};
  if (statement.columns.length === 0 && !schemas.key && !schemas.value) {
    // A format that does not exist is the nearer reason.
    const { valueFormat } = declaredFormats(options, defaultFormats(context), statement);
    throw new SqlError(
      `No columns are given. Name them: the value format ${valueFormat.name} has no schemas to take them from.`,
      statement.line,
      statement.column,
    );
  }
  const schema = resolveColumns(statement, schemas, context);
  const written = { key: schema.key, value: schema.value.filter(({ fromHeaders }) => !fromHeaders) };
  const formats = resolveFormats(options, written, defaultFormats(context), schemas, statement);
  const timestamp = timestampColumn(options, schema.value.concat(schema.key));
  const window = keyedWindow(options, schema);
  checkName(statement, context);
  const source: Source = {
    name: statement.name,
    relation: statement.relation,
    schema,
    topic,
    ...formats,
    statementText: text,
    ...(timestamp && { timestamp }),
    ...(window && { window }),
    ...(statement.source && { readOnly: true }),
  };
  const topicPartitions = options.count('PARTITIONS');
  const replicas = options.replicas();
  const retentionMs = options.retentionMs(source.relation === 'TABLE' && !window);
  const isKept = context.properties['ksql.source.table.materialization.enabled']?.toLowerCase() !== 'false';
  const plan =
    source.readOnly && source.relation === 'TABLE' && isKept ? sourceTablePlan(source, context) : undefined;
  return {
    kind: 'createSource',
    source: plan ? { ...source, createdByQuery: plan.queryId } : source,
    ...(plan && { plan }),
    ifNotExists: statement.ifNotExists,
    orReplace: statement.orReplace,
    ...(topicPartitions !== undefined && { topicPartitions }),
    ...(replicas !== undefined && { replicas }),
    ...(retentionMs !== undefined && { retentionMs }),
  };
}

function keyedWindow(options: WithProperties, { key }: Schema): KeyWindow | undefined {
  const window = declaredWindow(options);
  if (window !== undefined && key.length === 0)
    throw options.error('WINDOW_TYPE', 'is for keys, and no column is one: mark one as KEY');
  return window;
}

/** A name that is taken is an error unless the statement says what to do then; what is read only stays as it is. */
export function checkName(
  statement: At & {
    relation: string;
    name: string;
    orReplace: boolean;
    ifNotExists: boolean;
    source?: boolean;
  },
  { catalog }: PlanContext,
): void {
  const existing = catalog.source(statement.name);
  const what = statement.relation.toLowerCase();
  if (statement.orReplace && (statement.source === true || existing?.readOnly === true)) {
    throw new SqlError(
      `A read-only ${what} cannot be replaced: ${statement.name}. DROP it and create it again.`,
      statement.line,
      statement.column,
    );
  }
  if (existing === undefined || statement.orReplace || statement.ifNotExists) return;
  const kind = existing.relation.toLowerCase();
  throw new SqlError(
    `There is a ${kind} ${statement.name} already. DROP it first, or give the ${what} another name.`,
    statement.line,
    statement.column,
  );
}

function resolveColumns(
  { relation, columns, ...at }: StatementOf<'createSource'>,
  schemas: StatementSchemas,
  { catalog, properties }: PlanContext,
): { key: Column[]; value: Column[] } {
  const key: Column[] = [];
  const value: Column[] = [];
  const headers: Column[] = [];
  const seen = new Set<string>();
  for (const column of columns) {
    checkColumn(column, relation);
    if (seen.has(column.name))
      throw new SqlError(`Two columns are called ${column.name}. Rename one.`, column.line, column.column);
    seen.add(column.name);
    const resolved = { name: column.name, type: resolveType(column.type, catalog) };
    if (isHeader(column)) headers.push(headerColumn(column, resolved, headers));
    else (column.role === 'VALUE' ? value : key).push(resolved);
  }
  if (headers.length > 0 && properties['ksql.headers.columns.enabled']?.toLowerCase() === 'false') {
    throw new SqlError(
      "Header columns are switched off: SET 'ksql.headers.columns.enabled' = 'true'; allows them.",
      at.line,
      at.column,
    );
  }
  takeColumns(key, schemas.key, seen, at);
  takeColumns(value, schemas.value, seen, at);
  if (relation === 'TABLE' && key.length === 0) {
    throw new SqlError('A table needs a key: mark a column as PRIMARY KEY.', at.line, at.column);
  }
  checkKeyHasNoMap(key, at);
  return { key, value: [...value, ...headers] };
}

/** Where the statement names none, those of the schema. */
function takeColumns(columns: Column[], given: StatementSchemas['key'], seen: Set<string>, at: At): void {
  if (columns.length > 0 || !given) return;
  for (const column of given.columns) {
    if (RESERVED_COLUMNS.includes(column.name) || seen.has(column.name)) {
      throw new SqlError(
        `Schema ${given.schema.id} has a field ${column.name}, ${seen.has(column.name) ? 'as another column is called' : 'a name that every row has already'}. Name the columns in the statement.`,
        at.line,
        at.column,
      );
    }
    seen.add(column.name);
    columns.push(column);
  }
}

function checkColumn({ name, role, line, column }: ColumnDefinition, relation: 'STREAM' | 'TABLE'): void {
  if (RESERVED_COLUMNS.includes(name)) {
    throw new SqlError(
      `${name} is a name that every row has already. Call the column otherwise.`,
      line,
      column,
    );
  }
  if (role === 'PRIMARY KEY' && relation === 'STREAM') {
    throw new SqlError(
      `A stream's rows are not unique by a key: mark ${name} as KEY rather than PRIMARY KEY.`,
      line,
      column,
    );
  }
  if (role === 'KEY' && relation === 'TABLE') {
    throw new SqlError(
      `A table has one row a key: mark ${name} as PRIMARY KEY rather than KEY.`,
      line,
      column,
    );
  }
}

/** TIMESTAMP = 'column' [, TIMESTAMP_FORMAT = 'java pattern']. */
export function timestampColumn(
  options: WithProperties,
  columns: readonly Column[],
): { column: string; format?: string } | undefined {
  const written = options.text('TIMESTAMP');
  const format = options.text('TIMESTAMP_FORMAT');
  if (written === undefined) {
    if (format === undefined) return undefined;
    throw options.error('TIMESTAMP_FORMAT', 'needs TIMESTAMP, the name of the column it describes');
  }
  const [, quote, quoted] = /^(["`])(.*)\1$/s.exec(written) ?? [];
  const name = quoted?.replaceAll(`${quote}${quote}`, quote as string) ?? written.toUpperCase();
  const column = columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw options.error('TIMESTAMP', `names column ${name}, which does not exist`);
  const { kind } = column.type;
  if (kind === 'STRING' ? format === undefined : kind !== 'BIGINT' && kind !== 'TIMESTAMP') {
    throw options.error(
      'TIMESTAMP',
      `needs a BIGINT or TIMESTAMP column, or a STRING column and TIMESTAMP_FORMAT; ${name} is ${kind}`,
    );
  }
  if (format === undefined) return { column: name };
  if (kind !== 'STRING')
    throw options.error(
      'TIMESTAMP_FORMAT',
      `says how a STRING is read, and ${name} is ${kind}: leave it out`,
    );
  try {
    datePattern(format);
  } catch (error) {
    throw options.error('TIMESTAMP_FORMAT', `is no pattern of dates and times: ${(error as Error).message}`);
  }
  return { column: name, format };
}
