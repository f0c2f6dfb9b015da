import type { Column } from '../../data/schema.ts';
import type { SqlValue } from '../../data/types.ts';
import { analyse, type Scope } from '../analyse/analyse-expression.ts';
import { assignTo } from '../analyse/coerce.ts';
import type { Expr, StatementOf } from '../ast.ts';
import { compileExpression, SYSTEM_EFFECTS } from '../compile.ts';
import { BIGINT } from '../operators.ts';
import type { Planned } from '../planned.ts';
import { SqlError } from '../sql-error.ts';
import { didYouMean } from '../suggest.ts';
import { type PlanContext, requireSource } from './context.ts';
import { refuseReadOnly } from './create-as.ts';

/** INSERT INTO ... VALUES: one row, computed now. */
export function planInsertValues(statement: StatementOf<'insertValues'>, context: PlanContext): Planned {
  const target = requireSource(context, statement.target, statement);
  refuseReadOnly(target, statement);
  if (target.window !== undefined) {
    throw new SqlError(
      `The ${target.relation.toLowerCase()} ${target.name} has windows: a row of it is what a window's rows come to. Insert into the stream it is made from.`,
      statement.line,
      statement.column,
    );
  }
  const columns = [...target.schema.key, ...target.schema.value];
  const named =
    statement.columns.length > 0
      ? statement.columns
      : columns.map(({ name }) => ({ name, line: statement.line, column: statement.column }));
  if (named.length !== statement.values.length) {
    throw new SqlError(
      `VALUES has ${statement.values.length} values for ${named.length} columns (${named.map((column) => column.name).join(', ')}). Give one for each, or name the columns that are meant.`,
      statement.line,
      statement.column,
    );
  }
  const row: SqlValue[] = columns.map(() => null);
  let timestampMs: number | undefined;
  const seen = new Set<string>();
  for (const [i, { name, line, column }] of named.entries()) {
    if (seen.has(name)) throw new SqlError(`Column ${name} is named twice`, line, column);
    seen.add(name);
    const value = statement.values[i]!;
    if (name === 'ROWTIME') {
      timestampMs = evaluate(value, { name, type: BIGINT }, context) as number;
      if (typeof timestampMs !== 'number' || timestampMs < 0)
        throw new SqlError('ROWTIME must be a number of milliseconds from 0 on', value.line, value.column);
      continue;
    }
    const index = columns.findIndex((candidate) => candidate.name === name);
    if (index < 0) {
      const hint = didYouMean(
        name,
        columns.map((candidate) => candidate.name),
      );
      throw new SqlError(`${target.name} has no column ${name}.${hint}`, line, column);
    }
    row[index] = evaluate(value, columns[index]!, context);
  }
  if (target.relation === 'TABLE' && target.schema.key.some((_, i) => row[i] === null)) {
    throw new SqlError(
      `A row of table ${target.name} needs its whole primary key: give a value for ${target.schema.key.map((column) => column.name).join(', ')}.`,
      statement.line,
      statement.column,
    );
  }
  return { kind: 'insertValues', target, columns, row, ...(timestampMs !== undefined && { timestampMs }) };
}

function evaluate(value: Expr, column: Column, context: PlanContext): SqlValue {
  const scope: Scope = {
    catalog: context.catalog,
    column: (e) => {
      throw new SqlError(
        `'${e.name}' is a column name; VALUES holds constants only. A text is written with single quotes: '${e.name}'.`,
        e.line,
        e.column,
      );
    },
  };
  const expression = assignTo(
    { source: value, expression: analyse(value, scope) },
    column.type,
    `column ${column.name}`,
  );
  const { nowMs = SYSTEM_EFFECTS.nowMs() } = context.options;
  const fail = (error: Error) => {
    throw new SqlError(
      `The value for column ${column.name} cannot be computed: ${error.message}`,
      value.line,
      value.column,
    );
  };
  const effects = { ...SYSTEM_EFFECTS, nowMs: () => nowMs, properties: context.properties };
  return compileExpression(expression, fail, effects)([]);
}
