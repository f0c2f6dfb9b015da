import type { Column } from '../../data/schema.ts';
import type { SqlType } from '../../data/types.ts';
import { analyseTableCall } from '../analyse/analyse-call.ts';
import type { Scope } from '../analyse/analyse-expression.ts';
import type { Expr, ExprOf } from '../ast.ts';
import { walk } from '../ast-walk.ts';
import { findTable } from '../functions/registry.ts';
import { SqlError } from '../sql-error.ts';
import type { Pipeline } from './pipeline.ts';

/** Calls of table functions anywhere in the expressions, in the order they are written. */
export function tableCalls(expressions: readonly Expr[]): ExprOf<'call'>[] {
  return expressions
    .flatMap((e) => [...walk(e)])
    .filter((e): e is ExprOf<'call'> => e.kind === 'call' && findTable(e.name) !== undefined);
}

/**
 * Makes several rows of each: as many as the longest of the lists has elements, null where another is shorter. Afterwards
 * `scope` knows each call as a column.
 */
export function flatMap(pipeline: Pipeline, calls: readonly ExprOf<'call'>[]): Scope {
  refuseMisplaced(pipeline, calls);
  const distinct = new Map(calls.map((call) => [pipeline.textOf(call), call]));
  const [alias] = pipeline.aliases as [string];
  const { step } = pipeline;
  const width = step.schema.key.length + step.schema.value.length;
  const functions = Array.from(distinct.values(), (call) => analyseTableCall(call, pipeline));
  const made = functions.map(({ type }, i): Column => ({ name: `KSQL_SYNTH_${i}`, type: elementOf(type) }));
  pipeline.step = {
    step: 'flatMapV1',
    id: 'FlatMap',
    relation: 'STREAM',
    schema: { key: step.schema.key, value: [...step.schema.value, ...made] },
    input: step,
    functions,
  };
  // As pseudo columns they stay out of every star.
  const bound = made.map((column, i) => ({
    ...column,
    alias,
    key: false,
    pseudo: true,
    bound: false,
    index: width + i,
    use: () => {},
  }));
  pipeline.columns = [...pipeline.columns, ...bound];
  const names = new Map([...distinct.keys()].map((text, i) => [text, made[i]!.name]));
  return {
    catalog: pipeline.catalog,
    column: (e) => pipeline.column(e),
    replace: (e) => {
      const name = e.kind === 'call' ? names.get(pipeline.textOf(e)) : undefined;
      return name === undefined ? undefined : pipeline.column({ ...e, kind: 'name', name });
    },
  };
}

function refuseMisplaced({ step }: Pipeline, calls: readonly ExprOf<'call'>[]): void {
  const [first] = calls as [ExprOf<'call'>];
  if (step.relation === 'TABLE') {
    throw new SqlError(
      `${first.name} would make several rows of one key, which a table cannot have. Use it over a stream.`,
      first.line,
      first.column,
    );
  }
  for (const call of calls) {
    const [nested] = tableCalls(call.args);
    if (nested === undefined) continue;
    throw new SqlError(
      `${call.name} cannot take ${nested.name}, which makes several rows. Let one query make the rows for the other.`,
      nested.line,
      nested.column,
    );
  }
}

function elementOf(type: SqlType): SqlType {
  if (type.kind !== 'ARRAY') throw new Error('a table function that gives no ARRAY');
  return type.element;
}
