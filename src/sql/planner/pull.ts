import type { Column, Row, Schema } from '../../data/schema.ts';
import type { SqlValue } from '../../data/types.ts';
import { analyse } from '../analyse/analyse-expression.ts';
import type { Query } from '../ast.ts';
import type { Source } from '../catalog.ts';
import type { Expression } from '../expression.ts';
import { literalValue } from '../literal-value.ts';
import type { Planned, ResultColumn } from '../planned.ts';
import { SqlError } from '../sql-error.ts';
import { aggregateCalls, expressionsOf } from './aggregate.ts';
import { type PlanContext, requireSource } from './context.ts';
import { Pipeline } from './pipeline.ts';
import { selectItems } from './select-items.ts';

/** More keys than this are found faster by one scan. */
const MAX_KEYS = 10_000;

/** SELECT without EMIT on a table: a read of its rows as they are now. */
export function planPull(query: Query, context: PlanContext): Planned {
  const source = requireSource(context, query.from.name, query.from);
  refuseUnsupported(query, source);
  // Of the pseudo columns a stored row has only its time.
  const pipeline = new Pipeline(context.catalog, query.from, source, ['ROWTIME'], 'Pull');
  const items = selectItems(query, pipeline);
  pipeline.clause = 'SELECT';
  const projection = items.map((item) => analyse(item.expression, pipeline));
  pipeline.clause = 'WHERE';
  const predicate = query.where && analyse(query.where, pipeline);
  if (predicate !== undefined && predicate.type.kind !== 'BOOLEAN') {
    throw new SqlError(
      `Type error in WHERE expression: Should evaluate to boolean but is ${predicate.type.kind} instead.`,
      query.where!.line,
      query.where!.column,
    );
  }
  const columns = items.map(({ name, expression }, i): ResultColumn => {
    const keyIndex = pipeline.keyPosition(expression);
    const column: Column = { name, type: projection[i]!.type };
    return keyIndex < 0 ? { ...column, key: false } : { ...column, key: true, keyIndex };
  });
  const keys = predicate && keysOf(predicate, source.schema);
  return {
    kind: 'pull',
    source: source.name,
    projection,
    columns,
    ...(keys && { keys }),
    ...(predicate && { predicate }),
    ...(query.limit !== undefined && { limit: query.limit }),
  };
}

function refuseUnsupported(query: Query, source: Source): void {
  const refuse = (what: string, at: { line: number; column: number } = query) =>
    new SqlError(
      `Pull queries don't support ${what}. Add EMIT CHANGES for a push query, or keep the result with CREATE TABLE ... AS.`,
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
      `The ${source.name} table isn't queryable: its rows are not kept. To derive a queryable table, you can do 'CREATE TABLE QUERYABLE_${source.name} AS SELECT * FROM ${source.name}'. Alternatively, use EMIT CHANGES.`,
      query.from.line,
      query.from.column,
    );
  }
}

/**
 * The keys a predicate allows, when it fixes every key column by = or IN with constants at its top level:
 * `k = 1 AND v > 2` -> [[1]], `k IN (1, 2)` -> [[1], [2]]. undefined: the table must be scanned.
 */
export function keysOf(predicate: Expression, { key }: Schema): Row[] | undefined {
  const conjuncts = predicate.kind === 'call' && predicate.function === 'AND' ? predicate.args : [predicate];
  let keys: SqlValue[][] = [[]];
  for (let index = 0; index < key.length; index++) {
    const values = conjuncts.map((e) => valuesOf(e, index)).find((found) => found !== undefined);
    if (values === undefined || keys.length * values.length > MAX_KEYS) return undefined;
    keys = keys.flatMap((prefix) => values.map((value) => [...prefix, value]));
  }
  return keys;
}

/** The constants that `column = constant` or `column IN (constants)` allows; NULL equals nothing. */
function valuesOf(e: Expression, index: number): SqlValue[] | undefined {
  if (e.kind !== 'call' || (e.function !== '=' && e.function !== 'IN')) return undefined;
  const isColumn = (arg: Expression | undefined) => arg?.kind === 'column' && arg.index === index;
  const [first, ...rest] = e.args;
  const constants = isColumn(first) ? rest : e.function === '=' && isColumn(rest[0]) ? [first!] : undefined;
  if (constants === undefined) return undefined;
  const values: SqlValue[] = [];
  for (const constant of constants) {
    if (constant.kind !== 'literal') return undefined;
    const value = literalValue(constant);
    if (value !== null && !values.includes(value)) values.push(value);
  }
  return values;
}
