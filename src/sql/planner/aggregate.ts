import type { Column, Schema } from '../../data/schema.ts';
import { formatType } from '../../data/type-text.ts';
import { analyse, type Scope } from '../analyse/analyse-expression.ts';
import { isNull } from '../analyse/coerce.ts';
import type { Expr, ExprOf, Query, SelectItem, WindowClause } from '../ast.ts';
import { childrenOf, walk } from '../ast-walk.ts';
import type { Expression } from '../expression.ts';
import { exprText } from '../expression-text.ts';
import type { AggregateFunction } from '../functions/aggregates/define.ts';
import { bindAggregate, findAggregate, isAggregate } from '../functions/bind-aggregate.ts';
import { literalValue } from '../literal-value.ts';
import {
  type AggregateCall,
  inputsOf,
  type SourceStep,
  type Step,
  type WindowedAggregateStep,
} from '../plan.ts';
import { SqlError } from '../sql-error.ts';
import type { PlanContext } from './context.ts';
import { checkKeyHasNoMap, inMemoryKeyFormat } from './formats.ts';
import { type KeyColumn, type Pipeline, pipelineWindow, plainColumn } from './pipeline.ts';
import { isWindowBound, keyWindowOf, planWindow, rowSchema, WINDOW_COLUMNS } from './window.ts';

export function expressionsOf(items: readonly SelectItem[]): Expr[] {
  return items.flatMap((item) =>
    item.kind === 'expression' ? [item.expression] : item.kind === 'structStar' ? [item.base] : [],
  );
}

/** Aggregate calls anywhere in the expressions, in the order they are written. */
export function aggregateCalls(expressions: readonly Expr[]): ExprOf<'call'>[] {
  return expressions
    .flatMap((e) => [...walk(e)])
    .filter((e): e is ExprOf<'call'> => e.kind === 'call' && isAggregate(e.name));
}

/** Groups rows, by windows too where the query says so; afterwards `scope` gives meaning to SELECT and HAVING. */
export function aggregate(
  pipeline: Pipeline,
  query: Query,
  keyNames: readonly string[],
  { catalog, properties }: PlanContext,
): Scope {
  pipeline.clause = 'GROUP BY';
  if (query.window !== undefined) refuseMisplacedBounds(pipeline, query);
  const groupKeys = groupingKeys(pipeline, query.groupBy, keyNames);
  const calls = distinctCalls(
    pipeline,
    aggregateCalls([...expressionsOf(query.items), ...(query.having ? [query.having] : [])]),
  );
  if (pipeline.step.relation === 'TABLE') refuseNotUndoable([...calls.values()]);
  const isKey =
    pipeline.window === undefined &&
    groupKeys.length === pipeline.keys.length &&
    query.groupBy.every((e, i) => pipeline.keyPosition(e) === i);
  if (isKey) {
    pipeline.useKey();
    pipeline.keys = groupKeys.map(({ key }) => key);
  } else {
    pipeline.rekey(
      groupKeys.map(({ key }) => key),
      groupKeys.map(({ expression }) => expression),
      'GROUP_BY',
      'GroupBy',
    );
  }
  pipeline.clause = 'SELECT';
  const aggregates = Array.from(calls.values(), (call, i) => bindCall(call, pipeline, i, properties));
  const key = groupKeys.map((group) => plainColumn(group.key));
  const schema = { key, value: aggregates.map((call) => call.output) };
  pipeline.step =
    query.window === undefined
      ? { step: 'aggregateV1', id: 'Aggregate', relation: 'TABLE', schema, input: pipeline.step, aggregates }
      : windowedStep(pipeline, query.window, query.emit, schema, aggregates);
  const texts = [...calls.keys()];
  return groupedScope(
    pipeline,
    groupKeys.map((group) => group.key),
    texts,
    aggregates.map((call) => call.output),
    catalog,
  );
}

/** From here on the key has a window. */
function windowedStep(
  pipeline: Pipeline,
  clause: WindowClause,
  emit: Query['emit'],
  schema: Schema,
  aggregates: readonly AggregateCall[],
): WindowedAggregateStep {
  const windowing = planWindow(clause, emit);
  const key = keyWindowOf(windowing);
  const keyFormat = inMemoryKeyFormat(leftmostSource(pipeline.step).keyFormat, schema.key);
  pipeline.window = pipelineWindow(key, pipeline.aliases);
  return {
    step: 'windowedAggregateV1',
    id: 'Aggregate',
    relation: 'TABLE',
    schema: rowSchema(schema, key),
    input: pipeline.step,
    aggregates,
    ...windowing,
    keyFormat,
  };
}

export function leftmostSource(step: Step): SourceStep {
  if (step.step === 'sourceV1') return step;
  return leftmostSource(inputsOf(step)[0]!);
}

/** A window's bounds are known of groups only: they cannot say what a group is made of. */
function refuseMisplacedBounds(pipeline: Pipeline, query: Query): void {
  const calls = aggregateCalls([...expressionsOf(query.items), ...(query.having ? [query.having] : [])]);
  const names = [...query.groupBy, ...calls].flatMap((root) => [...walk(root)]);
  for (const e of names) {
    if (e.kind !== 'name' || !isWindowBound(e.name)) continue;
    if (pipeline.columns.some((column) => column.name === e.name)) continue;
    throw new SqlError(
      `${e.name} belongs to a window, which rows get by grouping: only SELECT and HAVING know it, outside of aggregate functions.`,
      e.line,
      e.column,
    );
  }
}

interface GroupKey {
  readonly key: KeyColumn;
  readonly expression: Expression;
}

function groupingKeys(pipeline: Pipeline, groupBy: readonly Expr[], names: readonly string[]): GroupKey[] {
  const seen = new Set<string>();
  const keys = groupBy.map((e, i): GroupKey => {
    const [call] = aggregateCalls([e]);
    if (call !== undefined) {
      throw new SqlError(
        `${call.name} makes one value of a group, so GROUP BY cannot group by it.`,
        call.line,
        call.column,
      );
    }
    const expression = analyse(e, pipeline);
    if (isNull(expression))
      throw new SqlError('GROUP BY NULL groups nothing: every row would be left out.', e.line, e.column);
    const text = pipeline.textOf(e);
    if (seen.has(text)) throw new SqlError(`GROUP BY names ${text} twice.`, e.line, e.column);
    seen.add(text);
    const key = { name: names[i]!, type: expression.type, texts: [text] };
    checkKeyHasNoMap([key], e);
    return { key, expression };
  });
  return keys;
}

function distinctCalls(pipeline: Pipeline, calls: readonly ExprOf<'call'>[]): Map<string, ExprOf<'call'>> {
  const distinct = new Map<string, ExprOf<'call'>>();
  for (const call of calls) {
    const nested = aggregateCalls(call.args)[0];
    if (nested !== undefined) {
      throw new SqlError(
        `${call.name} cannot take ${nested.name}: both make one value of a group. Let one query aggregate the other's result.`,
        nested.line,
        nested.column,
      );
    }
    const text = pipeline.textOf(call);
    if (!distinct.has(text)) distinct.set(text, call);
  }
  return distinct;
}

function refuseNotUndoable(calls: readonly ExprOf<'call'>[]): void {
  const wrong = calls.filter((call) => !findAggregate(call.name)!.undoable);
  if (wrong.length > 0) throw notUndoable(wrong);
}

function notUndoable(calls: readonly ExprOf<'call'>[]): SqlError {
  const names = [...new Set(calls.map((call) => call.name))];
  const list = names.length === 1 ? names[0] : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  const subject =
    names.length === 1 ? `The aggregation function ${list}` : `The aggregation functions ${list}`;
  return new SqlError(
    `${subject} cannot take a row back, which a table's changes need. Aggregate a stream.`,
    calls[0]!.line,
    calls[0]!.column,
  );
}

function bindCall(
  call: ExprOf<'call'>,
  pipeline: Pipeline,
  number: number,
  properties: Readonly<Record<string, string>>,
): AggregateCall {
  const found = findAggregate(call.name)!;
  const columns = call.star ? 0 : found.columns(call.args.length);
  if (call.star && call.name !== 'COUNT') throw noVariant(call, '*');
  // COUNT(1) counts rows as COUNT(*) does: a literal is never null.
  const args = call.args.slice(0, columns).map((arg) => analyse(arg, pipeline));
  const init = call.args.slice(columns).map((arg) => constant(found, arg, pipeline));
  try {
    const bound = bindAggregate(
      call.name,
      args.map((arg) => arg.type),
      init,
      properties,
    );
    // Of a function that can take rows back, this variant may not.
    if (pipeline.step.relation === 'TABLE' && bound.undo === undefined) throw notUndoable([call]);
    return {
      function: call.name,
      args,
      init,
      output: { name: `KSQL_AGG_VARIABLE_${number}`, type: bound.resultType },
    };
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw noVariant(call, [...args.map((arg) => formatType(arg.type)), ...init.map(String)].join(', '));
  }
}

function noVariant(call: ExprOf<'call'>, given: string): SqlError {
  return new SqlError(`${call.name} takes no arguments of (${given}).`, call.line, call.column);
}

function constant(found: AggregateFunction, arg: Expr, scope: Scope): number | string | boolean | null {
  const e = analyse(arg, scope);
  const value = e.kind === 'literal' ? literalValue(e) : undefined;
  if (value === null || typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean')
    return value;
  throw new SqlError(
    `${exprText(arg)} must be a constant: it configures ${found.name}.`,
    arg.line,
    arg.column,
  );
}

/** After grouping only grouping expressions and aggregates are columns; anything else must be made of them. */
function groupedScope(
  pipeline: Pipeline,
  keys: readonly KeyColumn[],
  aggregateTexts: readonly string[],
  outputs: readonly Column[],
  catalog: PlanContext['catalog'],
): Scope {
  const known = new Map<string, Expression>();
  for (const [index, key] of keys.entries()) {
    known.set(key.texts[0]!, { kind: 'column', index, name: key.name, type: key.type });
  }
  const bounds = pipeline.window?.texts ?? [];
  for (const [i, texts] of bounds.entries()) {
    const { name, type } = WINDOW_COLUMNS[i]!;
    for (const text of texts) known.set(text, { kind: 'column', index: keys.length + i, name, type });
  }
  for (const [i, text] of aggregateTexts.entries()) {
    const { name, type } = outputs[i]!;
    known.set(text, { kind: 'column', index: keys.length + bounds.length + i, name, type });
  }
  return {
    catalog,
    replace: (e) => known.get(pipeline.textOf(e)),
    column: (e) => {
      pipeline.find(e);
      throw notGrouped(pipeline.clause, [e]);
    },
  };
}

/** What SELECT shows of a group must be made of its key and its aggregates. */
export function refuseUngrouped(expressions: readonly Expr[], pipeline: Pipeline, scope: Scope): void {
  const wrong = expressions.filter((e) => isUngrouped(e, pipeline, scope));
  if (wrong.length > 0) throw notGrouped('SELECT', wrong);
}

/** Names that are no columns (`DAYS`) are left to the analysis. */
function isUngrouped(e: Expr, pipeline: Pipeline, scope: Scope, bound: readonly string[] = []): boolean {
  if (scope.replace?.(e) !== undefined) return false;
  if (e.kind === 'name') {
    if (e.source === undefined && bound.includes(e.name)) return false;
    return pipeline.columns.some(({ name }) => name === e.name);
  }
  const inner = e.kind === 'lambda' ? [...bound, ...e.parameters] : bound;
  return childrenOf(e).some((child) => isUngrouped(child, pipeline, scope, inner));
}

function notGrouped(clause: string, expressions: readonly Expr[]): SqlError {
  const { line, column } = expressions[0]!;
  return new SqlError(
    `${clause} uses what differs within a group: ${expressions.map((e) => exprText(e)).join(', ')}. Group by it as well, aggregate it, or leave it out.`,
    line,
    column,
  );
}
