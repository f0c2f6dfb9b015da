import { analyse, type Scope } from '../analyse/analyse-expression.ts';
import type { AliasedSource, Expr, ExprOf, Query } from '../ast.ts';
import { walk } from '../ast-walk.ts';
import type { Expression } from '../expression.ts';
import type { KeyWindow, ProjectStep, PseudoColumn, Step } from '../plan.ts';
import type { ResultColumn } from '../planned.ts';
import { SqlError } from '../sql-error.ts';
import { aggregate, aggregateCalls, expressionsOf, refuseUngrouped } from './aggregate.ts';
import { type PlanContext, requireSource } from './context.ts';
import { PSEUDO_COLUMNS } from './create-source.ts';
import { checkKeyHasNoMap } from './formats.ts';
import { joinSource } from './join.ts';
import { type KeyColumn, Pipeline } from './pipeline.ts';
import { projectForReading, projectForSink } from './projection.ts';
import { type Item, keyNames, type Purpose, selectItems, starHasPseudoColumns } from './select-items.ts';
import { flatMap, tableCalls } from './table-functions.ts';

/** A query for a sink: the step before it, and the window that its keys have. */
export function planQueryForSink(
  query: Query,
  sinkName: string,
  context: PlanContext,
): { project: ProjectStep; window: KeyWindow | undefined } {
  if (query.limit !== undefined) {
    throw new SqlError(
      'LIMIT is only for queries that are read, not for CREATE ... AS or INSERT INTO.',
      query.line,
      query.column,
    );
  }
  const { pipeline, items, scope } = planUpToSelect(query, context, 'sink');
  if (mayLoseKey(query, pipeline, context) && !selectsKey(items, pipeline))
    pipeline.rekey([], [], 'PARTITION_BY', 'WithoutKey');
  return {
    project: projectForSink(pipeline, query, items, scope, sinkName),
    window: pipeline.window?.key,
  };
}

/** ksqlDB's newer planner, an experiment there: a stream whose key is not selected has none afterwards. */
function mayLoseKey(query: Query, { step }: Pipeline, { properties }: PlanContext): boolean {
  const isOn = properties['ksql.new.query.planner.enabled']?.toLowerCase() === 'true';
  const keepsKey = query.groupBy.length + query.partitionBy.length + query.joins.length > 0;
  return isOn && !keepsKey && step.relation === 'STREAM';
}

function selectsKey(items: readonly Item[], pipeline: Pipeline): boolean {
  return items.some(({ expression }) => pipeline.keyPosition(expression) >= 0);
}

/** A query whose rows are sent to a client. */
export function planQueryForReading(
  query: Query,
  context: PlanContext,
): { step: Step; columns: ResultColumn[] } {
  const { pipeline, items, scope } = planUpToSelect(groupedAsAWhole(query), context, 'reading');
  return projectForReading(pipeline, items, scope);
}

/** Aggregates without GROUP BY are over all rows: one group. Only for reading, since a sink would need its key. */
function groupedAsAWhole(query: Query): Query {
  if (query.groupBy.length > 0 || aggregateCalls(expressionsOf(query.items)).length === 0) return query;
  const { line, column } = query;
  return { ...query, groupBy: [{ kind: 'number', form: 'integer', text: '0', line, column }] };
}

interface Prepared {
  readonly pipeline: Pipeline;
  readonly items: readonly Item[];
  readonly scope: Scope;
}

/** source, joins, WHERE, GROUP BY or PARTITION BY, HAVING: everything but SELECT itself. */
function planUpToSelect(query: Query, context: PlanContext, purpose: Purpose): Prepared {
  refuseMisusedWindow(query, context);
  const pipeline = openSource(query.from, query, context, 'Source');
  for (const [i, clause] of query.joins.entries()) {
    const right = openSource(
      clause.source,
      query,
      context,
      i === 0 ? 'Source-Right' : `Source-Right-${i + 1}`,
    );
    joinSource(pipeline, right, clause, i + 1);
  }
  if (query.where !== undefined) filter(pipeline, query.where, pipeline, 'Where', 'WHERE');
  const items = selectItems(query, pipeline, purpose);
  const tables = tableCalls(expressionsOf(query.items));
  if (query.groupBy.length > 0) {
    if (tables.length > 0) throw tableFunctionInGroups(tables[0]!);
    return planGroups(query, pipeline, items, context);
  }
  const [call] = aggregateCalls([...expressionsOf(query.items), ...(query.having ? [query.having] : [])]);
  if (call !== undefined) {
    throw new SqlError(
      `${call.name} aggregates, so the query must say what it groups by: add GROUP BY.`,
      call.line,
      call.column,
    );
  }
  if (query.having !== undefined) {
    throw new SqlError(
      'HAVING needs GROUP BY. To choose rows before grouping use WHERE.',
      query.having.line,
      query.having.column,
    );
  }
  const scope = tables.length > 0 ? flatMap(pipeline, tables) : pipeline;
  if (query.partitionBy.length > 0) partition(query, pipeline, items);
  return { pipeline, items, scope };
}

function tableFunctionInGroups({ name, line, column }: ExprOf<'call'>): SqlError {
  return new SqlError(
    `${name} makes several rows of one, so a query that groups cannot have it. Let one query make the rows and another group them.`,
    line,
    column,
  );
}

function planGroups(
  query: Query,
  pipeline: Pipeline,
  items: readonly Item[],
  context: PlanContext,
): Prepared {
  if (query.partitionBy.length > 0) {
    throw new SqlError('A query cannot have both GROUP BY and PARTITION BY.', query.line, query.column);
  }
  if (query.window !== undefined && pipeline.step.relation === 'TABLE') {
    throw new SqlError(
      'A table has one row a key, not events in time, so it cannot be put into windows. Group a stream.',
      query.window.line,
      query.window.column,
    );
  }
  const scope = aggregate(pipeline, query, keyNames(query.groupBy, items, pipeline), context);
  refuseUngrouped(
    items.map(({ expression }) => expression),
    pipeline,
    scope,
  );
  if (query.having !== undefined) filter(pipeline, query.having, scope, 'Having', 'HAVING');
  return { pipeline, items, scope };
}

/** WINDOW belongs to GROUP BY over streams, EMIT FINAL to WINDOW. */
function refuseMisusedWindow(query: Query, { properties }: PlanContext): void {
  const { window, emit } = query;
  if (window !== undefined && query.groupBy.length === 0) {
    throw new SqlError('A WINDOW is for groups: add GROUP BY, or drop WINDOW.', window.line, window.column);
  }
  if (emit !== 'FINAL') return;
  if (window === undefined) {
    throw new SqlError(
      'EMIT FINAL waits for the end of windows, and this query has none. Use EMIT CHANGES.',
      query.line,
      query.column,
    );
  }
  if (properties['ksql.suppress.enabled']?.toLowerCase() === 'false') {
    throw new SqlError(
      "EMIT FINAL is switched off: SET 'ksql.suppress.enabled' = 'true'; allows it.",
      query.line,
      query.column,
    );
  }
}

function openSource(from: AliasedSource, query: Query, context: PlanContext, id: string): Pipeline {
  const source = requireSource(context, from.name, from);
  const pseudo = pseudoColumnsOf(from.alias, query);
  const pipeline = new Pipeline(context.catalog, from, source, pseudo, id);
  const moves =
    query.joins.length > 0 ||
    query.groupBy.length > 0 ||
    query.partitionBy.length > 0 ||
    tableCalls(expressionsOf(query.items)).length > 0;
  if (moves && pseudo.length > 0) keepPseudoColumns(pipeline, id);
  return pipeline;
}

/** Pseudo columns a query names, or means by a star, of one of its sources. */
function pseudoColumnsOf(alias: string, query: Query): PseudoColumn[] {
  const isStarred = query.items.some(
    (item) => item.kind === 'star' && (item.source === undefined || item.source === alias),
  );
  if (isStarred && starHasPseudoColumns(query)) return [...PSEUDO_COLUMNS] as PseudoColumn[];
  const everything: Expr[] = [
    ...expressionsOf(query.items),
    ...query.joins.map((clause) => clause.on),
    ...query.groupBy,
    ...query.partitionBy,
    ...(query.where ? [query.where] : []),
    ...(query.having ? [query.having] : []),
  ];
  const named = new Set<string>();
  for (const root of everything) {
    for (const e of walk(root)) {
      if (e.kind !== 'name') continue;
      const leftmost = e.source === undefined && alias === query.from.alias;
      if (leftmost || e.source === alias) named.add(e.name);
    }
  }
  return PSEUDO_COLUMNS.filter((name): name is PseudoColumn => named.has(name));
}

/** Pseudo columns exist only right behind their source; to travel further they become value columns. */
function keepPseudoColumns(pipeline: Pipeline, id: string): void {
  const { step } = pipeline;
  const all = pipeline.columns;
  pipeline.step = {
    step: 'projectV1',
    id: `${id}-Pseudo`,
    relation: step.relation,
    schema: {
      key: step.schema.key,
      value: [
        ...step.schema.value,
        ...all.filter((column) => column.pseudo).map(({ name, type }) => ({ name, type })),
      ],
    },
    input: step,
    columns: all.map(({ index, name, type }): Expression => ({ kind: 'column', index, name, type })),
  };
}

function filter(pipeline: Pipeline, condition: Expr, scope: Scope, id: string, clause: string): void {
  pipeline.clause = clause;
  const [call] = scope === pipeline ? aggregateCalls([condition]) : [];
  if (call !== undefined) {
    throw new SqlError(
      `${clause} is decided before rows are grouped, so it cannot use ${call.name}. Use HAVING.`,
      call.line,
      call.column,
    );
  }
  const predicate = analyse(condition, scope);
  if (predicate.type.kind !== 'BOOLEAN') {
    throw new SqlError(
      `${clause} needs a condition that is true or false; this one is ${predicate.type.kind}.`,
      condition.line,
      condition.column,
    );
  }
  const { schema, relation } = pipeline.step;
  pipeline.step = { step: 'filterV1', id, schema, relation, input: pipeline.step, predicate };
}

/** PARTITION BY: new key columns; PARTITION BY NULL takes the key away. */
function partition(query: Query, pipeline: Pipeline, items: readonly Item[]): void {
  const { partitionBy } = query;
  const [first] = partitionBy;
  if (pipeline.step.relation === 'TABLE') {
    throw new SqlError(
      'A table is partitioned by its primary key, so PARTITION BY is for streams alone. Use GROUP BY for another key.',
      first!.line,
      first!.column,
    );
  }
  pipeline.clause = 'PARTITION BY';
  if (partitionBy.length === 1 && first!.kind === 'null') {
    pipeline.rekey([], [], 'PARTITION_BY', 'PartitionBy');
    return;
  }
  if (
    partitionBy.length === pipeline.keys.length &&
    partitionBy.every((e, i) => pipeline.keyPosition(e) === i)
  ) {
    pipeline.useKey();
    return;
  }
  const names = keyNames(partitionBy, items, pipeline);
  const expressions = partitionBy.map((e) => {
    if (e.kind === 'null')
      throw new SqlError('PARTITION BY NULL takes the key away, so it stands alone.', e.line, e.column);
    return analyse(e, pipeline);
  });
  const keys = expressions.map(
    ({ type }, i): KeyColumn => ({ name: names[i]!, type, texts: [pipeline.textOf(partitionBy[i]!)] }),
  );
  checkKeyHasNoMap(keys, first!);
  pipeline.rekey(keys, expressions, 'PARTITION_BY', 'PartitionBy');
}
