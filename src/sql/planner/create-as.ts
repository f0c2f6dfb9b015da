import { widensTo } from '../../data/common-type.ts';
import { sameType } from '../../data/compare.ts';
import type { Column, Schema } from '../../data/schema.ts';
import { formatSchema } from '../../data/type-text.ts';
import type { SqlType } from '../../data/types.ts';
import type { Query, StatementOf } from '../ast.ts';
import type { Source } from '../catalog.ts';
import type { Expression } from '../expression.ts';
import { operator } from '../operators.ts';
import type { ProjectStep, QueryPlan, SinkStep } from '../plan.ts';
import type { Planned } from '../planned.ts';
import { SqlError } from '../sql-error.ts';
import { defaultFormats, defaultWrap, type PlanContext, requireSource } from './context.ts';
import { checkName, timestampColumn } from './create-source.ts';
import { type FormatDefaults, resolveFormats } from './formats.ts';
import { planQueryForSink } from './plan-query.ts';
import { declaredSchema, planWindow, rowSchema, sameWindow, windowText } from './window.ts';
import { WithProperties } from './with-properties.ts';

/** CREATE STREAM | TABLE ... AS SELECT. */
export function planCreateAs(
  statement: StatementOf<'createAs'>,
  text: string,
  context: PlanContext,
): Planned {
  const { relation, name, query } = statement;
  const options = new WithProperties(statement.properties, 'query');
  checkName(statement, context);
  const { project, window } = planQueryForSink(query, name, context);
  refuseOtherRelation(statement, project);
  const left = requireSource(context, query.from.name, query.from);
  const schema = declaredSchema(project.schema, window);
  const keyless =
    query.partitionBy[0]?.kind === 'null' || (schema.key.length === 0 && left.schema.key.length > 0);
  if (keyless && (options.text('KEY_FORMAT')?.toUpperCase() ?? 'NONE') !== 'NONE') {
    throw options.error(
      'KEY_FORMAT',
      "has nothing to write, since the query's rows have no key: leave it out, or let it be NONE",
    );
  }
  const defaults = sinkDefaults(left, keyless, context);
  const formats = resolveFormats(options, schema, defaults, context.options.schemas ?? {}, statement);
  const topic =
    options.text('KAFKA_TOPIC') ?? `${context.properties['ksql.output.topic.name.prefix'] ?? ''}${name}`;
  const timestamp = timestampColumn(options, [...schema.value, ...schema.key]);
  const queryId = `${relation === 'STREAM' ? 'CSAS' : 'CTAS'}_${name}_${context.options.nextQueryId}`;
  const shared = { topic, ...formats, ...(window && { window }), ...(timestamp && { timestamp }) };
  const plan = queryPlan(queryId, text, sinkStep(project, name, shared), context);
  const source: Source = { name, relation, schema, statementText: text, createdByQuery: queryId, ...shared };
  const partitions = options.count('PARTITIONS');
  const replicas = options.replicas();
  const retentionMs = options.retentionMs(relation === 'TABLE' && !window) ?? statedRetentionMs(query);
  return {
    kind: 'createQuery',
    plan,
    source,
    partitionsFrom: left.topic,
    ifNotExists: statement.ifNotExists,
    orReplace: statement.orReplace,
    ...(partitions !== undefined && { partitions }),
    ...(replicas !== undefined && { replicas }),
    ...(retentionMs !== undefined && { retentionMs }),
  };
}

/** The formats of what is read, unless WITH says otherwise. */
export function sinkDefaults(left: Source, keyless: boolean, context: PlanContext): FormatDefaults {
  // A source without a key has no format for one; the server's default then applies.
  const key = left.keyFormat.name === 'NONE' ? defaultFormats(context).key : left.keyFormat;
  return {
    key: keyless ? { name: 'NONE' } : key,
    value: left.valueFormat,
    wrapSingle: defaultWrap(context.properties),
  };
}

/** Of the sink's topic: as long as RETENTION keeps the windows. Where nothing is said, as long as any topic's records. */
function statedRetentionMs({ window, emit }: Query): number | undefined {
  return window?.retention && planWindow(window, emit).retentionMs;
}

function sinkStep(
  input: ProjectStep,
  sink: string,
  shared: Pick<SinkStep, 'topic' | 'keyFormat' | 'valueFormat' | 'window' | 'timestamp'>,
): SinkStep {
  const { topic, keyFormat, valueFormat, window, timestamp } = shared;
  return {
    step: 'sinkV1',
    id: 'Sink',
    schema: input.schema,
    relation: input.relation,
    input,
    sink,
    topic,
    keyFormat,
    valueFormat,
    ...(window && { window }),
    ...(timestamp && { timestamp }),
  };
}

function queryPlan(
  queryId: string,
  statementText: string,
  sink: SinkStep,
  { properties }: PlanContext,
): QueryPlan {
  return { version: 1, queryId, statementText, sink, properties };
}

function refuseOtherRelation(
  { relation, line, column }: StatementOf<'createAs'>,
  project: ProjectStep,
): void {
  if (relation === project.relation) return;
  throw new SqlError(
    `The query makes a ${project.relation}: write CREATE ${project.relation} ... AS SELECT.`,
    line,
    column,
  );
}

/** INSERT INTO ... SELECT: the query's columns must be those of the target. */
export function planInsertInto(
  statement: StatementOf<'insertInto'>,
  text: string,
  context: PlanContext,
): Planned {
  const target = requireSource(context, statement.target, statement);
  if (target.relation === 'TABLE') {
    throw new SqlError(
      `Only a stream takes the rows of other queries, and ${target.name} is a table.`,
      statement.line,
      statement.column,
    );
  }
  refuseReadOnly(target, statement);
  const { project, window } = planQueryForSink(statement.query, target.name, context);
  if (project.relation !== 'STREAM') {
    throw new SqlError(
      `${target.name} is a stream and the query makes a table: its changes are no rows of a stream.`,
      statement.line,
      statement.column,
    );
  }
  if (!sameWindow(window, target.window)) {
    throw new SqlError(
      `Keys of ${target.name} are ${windowText(target.window)}, those of the query's result ${windowText(window)}. They must be alike.`,
      statement.line,
      statement.column,
    );
  }
  const fitted = fitToTarget(project, target, statement);
  const queryId = insertQueryId(statement, context);
  const sink = sinkStep(fitted, target.name, target);
  return { kind: 'insertQuery', plan: queryPlan(queryId, text, sink, context), target };
}

export function refuseReadOnly(target: Source, at: { line: number; column: number }): void {
  if (target.schema.value.some(({ fromHeaders }) => fromHeaders)) {
    throw new SqlError(
      `${target.name} has header columns, which can only be read, so it takes no rows. Declare its topic once more without them.`,
      at.line,
      at.column,
    );
  }
  if (target.readOnly !== true) return;
  throw new SqlError(
    `${target.name} is a read-only ${target.relation.toLowerCase()}. Declare its topic once more without SOURCE.`,
    at.line,
    at.column,
  );
}

function insertQueryId({ properties }: StatementOf<'insertInto'>, { options }: PlanContext): string {
  const [property, other] = properties;
  if (property === undefined) return `INSERTQUERY_${options.nextQueryId}`;
  const { name, value } = property;
  if (other !== undefined || name.toUpperCase() !== 'QUERY_ID' || value.kind !== 'string') {
    const { line, column } = other ?? property;
    throw new SqlError("INSERT INTO ... WITH takes QUERY_ID = 'name' and nothing else.", line, column);
  }
  const queryId = value.value.toUpperCase();
  const reserved = RESERVED_IDS.find((prefix) => queryId.startsWith(prefix));
  if (/^\w+$/.test(queryId) && reserved === undefined) return queryId;
  const reason = reserved
    ? `begins with ${reserved}, as ids do that the server chooses`
    : 'must have letters, digits and _ alone';
  throw new SqlError(`QUERY_ID ${reason}, got '${value.value}'.`, property.line, property.column);
}

const RESERVED_IDS: readonly string[] = ['CSAS_', 'CTAS_', 'CST_', 'INSERTQUERY_'];

/** Column by column in the target's order: equal names, types equal or wider; casts are put in where they differ. */
function fitToTarget(
  project: ProjectStep,
  target: Source,
  at: { line: number; column: number },
): ProjectStep {
  const refuse = () =>
    new SqlError(
      `The query's columns do not fit ${target.name}.\nThe query has ${formatSchema(declaredSchema(project.schema, target.window))}\n${target.name} has ${formatSchema(target.schema)}`,
      at.line,
      at.column,
    );
  const result = columnsOf(project.schema);
  const schema = rowSchema(target.schema, target.window);
  const wanted = columnsOf(schema);
  if (result.length !== wanted.length || project.schema.key.length !== schema.key.length) throw refuse();
  const columns = wanted.map((column, i): Expression => {
    const { name, type } = result[i]!;
    if (name !== column.name || !isAssignable(type, column.type)) throw refuse();
    const expression = project.columns[i]!;
    return sameType(type, column.type) ? expression : operator('CAST', [expression], column.type);
  });
  return { ...project, schema, columns };
}

/** ksqlDB puts whole numbers into any DECIMAL; one that turns out too large is an error of its row. */
function isAssignable(from: SqlType, to: SqlType): boolean {
  const isWhole = from.kind === 'INTEGER' || from.kind === 'BIGINT';
  return widensTo(from, to) || (isWhole && to.kind === 'DECIMAL');
}

function columnsOf({ key, value }: Schema): Column[] {
  return [...key, ...value];
}
