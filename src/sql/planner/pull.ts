import { isNumeric } from '../../data/common-type.ts';
import type { Column } from '../../data/schema.ts';
import { formatColumn } from '../../data/type-text.ts';
import { analyse } from '../analyse/analyse-expression.ts';
import type { Expr, ExprOf, Query } from '../ast.ts';
import { walk } from '../ast-walk.ts';
import type { Source } from '../catalog.ts';
import { exprText } from '../expression-text.ts';
import type { Planned, PullShape, ResultColumn } from '../planned.ts';
import { SqlError } from '../sql-error.ts';
import { aggregateCalls, expressionsOf } from './aggregate.ts';
import { isOfExpressions, type PlanContext, requireSource } from './context.ts';
import { Pipeline } from './pipeline.ts';
import { hasKeyRange, keysOf, namesKeysAlone } from './pull-keys.ts';
import { selectItems } from './select-items.ts';

/** SELECT without EMIT on a table: a read of its rows as they are now. */
export function planPull(query: Query, context: PlanContext): Planned {
  const source = requireSource(context, query.from.name, query.from);
  refuseUnsupported(query, source);
  // Of the pseudo columns a stored row has only its time.
  const pipeline = new Pipeline(context.catalog, query.from, source, ['ROWTIME'], 'Pull');
  const items = selectItems(query, pipeline, 'reading');
  pipeline.clause = 'SELECT';
  const projection = items.map((item) => analyse(item.expression, pipeline));
  pipeline.clause = 'WHERE';
  const predicate = query.where && analyse(query.where, pipeline);
  if (predicate !== undefined && predicate.type.kind !== 'BOOLEAN') {
    throw new SqlError(
      `WHERE needs a condition that is true or false; this one is ${predicate.type.kind}.`,
      query.where!.line,
      query.where!.column,
    );
  }
  if (query.where) refuseTextAsKey(query.where, pipeline);
  const columns = items.map(({ name, expression }, i): ResultColumn => {
    const keyIndex = pipeline.keyPosition(expression);
    const fromHeaders = expression.kind === 'name' ? pipeline.find(expression).fromHeaders : undefined;
    const column: Column = { name, type: projection[i]!.type, ...(fromHeaders && { fromHeaders }) };
    return keyIndex < 0 ? { ...column, key: false } : { ...column, key: true, keyIndex };
  });
  const keys = predicate && keysOf(predicate, source.schema, query.where!);
  const saysMore = predicate && !(keys && namesKeysAlone(predicate, source.schema));
  const shape: PullShape = {
    source: source.name,
    projection,
    columns,
    ...expressionProperties(context),
    isWindowed: source.window !== undefined,
    // ksqlDB's windowed stores find no range of keys.
    hasKeyRange: predicate !== undefined && !source.window && hasKeyRange(predicate, source.schema),
    ...(saysMore && { predicate }),
    ...(query.limit !== undefined && { limit: query.limit }),
  };
  return { kind: 'pull', shape, ...(keys && { keys }) };
}

/** In a list, text is read as what it stands beside; keys that are looked up must be of their type. */
function refuseTextAsKey(where: Expr, pipeline: Pipeline): void {
  for (const e of walk(where)) {
    if (e.kind !== 'in' || e.operand.kind !== 'name') continue;
    const column = pipeline.find(e.operand);
    const text = e.list.find((item) => item.kind === 'string');
    if (!column.key || !isNumeric(column.type) || text === undefined) continue;
    throw new SqlError(
      `${exprText(text)} is a text, but the key is ${formatColumn(column)}: list values of its type.`,
      text.line,
      text.column,
    );
  }
}

function expressionProperties({ properties }: PlanContext): Pick<PullShape, 'properties'> {
  const heeded = Object.entries(properties).filter(([name]) => isOfExpressions(name));
  return heeded.length === 0 ? {} : { properties: Object.fromEntries(heeded) };
}

/** Of where a row was read from only push queries know. */
export function refusePseudoColumns(query: Query): void {
  const clauses = { SELECT: expressionsOf(query.items), WHERE: query.where ? [query.where] : [] };
  for (const [clause, expressions] of Object.entries(clauses)) {
    const found = expressions.flatMap((e) => [...walk(e)]).find(isOriginColumn);
    if (found === undefined) continue;
    throw new SqlError(
      `A pull query has no ${found.name} for its ${clause}: stored rows do not keep where they came from. Add EMIT CHANGES for a push query.`,
      found.line,
      found.column,
    );
  }
}

export function isOriginColumn(e: Expr): e is ExprOf<'name'> {
  return e.kind === 'name' && (e.name === 'ROWPARTITION' || e.name === 'ROWOFFSET');
}

function refuseUnsupported(query: Query, source: Source): void {
  const refuse = (what: string, at: { line: number; column: number } = query) =>
    new SqlError(
      `A pull query cannot have ${what}. Add EMIT CHANGES for a push query, or keep the result with CREATE TABLE ... AS.`,
      at.line,
      at.column,
    );
  if (query.joins.length > 0) throw refuse('JOIN clauses', query.joins[0]);
  if (query.window !== undefined) throw refuse('WINDOW clauses', query.window);
  if (query.groupBy.length > 0) throw refuse('GROUP BY clauses', query.groupBy[0]);
  if (query.partitionBy.length > 0) throw refuse('PARTITION BY clauses', query.partitionBy[0]);
  if (query.having !== undefined) throw refuse('HAVING clauses', query.having);
  const [call] = aggregateCalls(expressionsOf(query.items));
  if (call !== undefined) throw refuse(`aggregate functions (${call.name})`, call);
  if (source.createdByQuery === undefined) {
    throw new SqlError(
      `No rows of table ${source.name} are kept, so there is nothing to pull. CREATE TABLE ... AS SELECT * FROM ${source.name} keeps them; EMIT CHANGES reads them as they come.`,
      query.from.line,
      query.from.column,
    );
  }
}
