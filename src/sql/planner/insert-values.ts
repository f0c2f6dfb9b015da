import { type DecimalType, formatDecimal, powerOfTen } from '../../data/decimal.ts';
import type { Column } from '../../data/schema.ts';
import { formatType } from '../../data/type-text.ts';
import type { SqlValue } from '../../data/types.ts';
import { analyse, type Scope } from '../analyse/analyse-expression.ts';
import { assignTo } from '../analyse/coerce.ts';
import type { At, Expr, StatementOf } from '../ast.ts';
import { SYSTEM_EFFECTS } from '../compile.ts';
import { type Constant, computeAll, constantOf } from '../constants.ts';
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
  const constants: Constant[] = [];
  /** Where in the row each of them goes; -1: it is the time. */
  const places: number[] = [];
  const seen = new Set<string>();
  for (const [i, { name, line, column }] of named.entries()) {
    if (seen.has(name)) throw new SqlError(`Column ${name} is named twice`, line, column);
    seen.add(name);
    const value = statement.values[i]!;
    const index = columns.findIndex((candidate) => candidate.name === name);
    if (index < 0 && name !== 'ROWTIME') {
      const hint = didYouMean(
        name,
        columns.map((candidate) => candidate.name),
      );
      throw new SqlError(`${target.name} has no column ${name}.${hint}`, line, column);
    }
    constants.push(constantFor(value, columns[index] ?? { name, type: BIGINT }, context));
    places.push(index);
  }
  const row: SqlValue[] = columns.map(() => null);
  let timestampMs: number | undefined;
  for (const [i, value] of computeAll(constants, statement).entries()) {
    const place = places[i]!;
    if (place >= 0) row[place] = value;
    else timestampMs = timeIn(value, statement.values[i]!);
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

function timeIn(value: SqlValue, { line, column }: Expr): number {
  if (typeof value === 'number' && value >= 0) return value;
  throw new SqlError('ROWTIME must be a number of milliseconds from 0 on', line, column);
}

function constantFor(value: Expr, column: Column, context: PlanContext): Constant {
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
  const given = analyse(value, scope);
  const expression = assignTo({ source: value, expression: given }, column.type, `column ${column.name}`);
  const { nowMs = SYSTEM_EFFECTS.nowMs() } = context.options;
  const fail = (error: Error) => {
    // Of what failed inside, and was told of there.
    if (error instanceof SqlError) throw error;
    throw new SqlError(
      `The value for column ${column.name} cannot be computed: ${error.message}`,
      value.line,
      value.column,
    );
  };
  const effects = { ...SYSTEM_EFFECTS, nowMs: () => nowMs, properties: context.properties };
  const constant = constantOf(expression, fail, effects);
  if (
    given.type.kind !== 'DECIMAL' ||
    column.type.kind !== 'DECIMAL' ||
    given.type.scale <= column.type.scale
  )
    return constant;
  const [from, exact] = [given.type, constantOf(given, fail, effects)];
  const compute = () => {
    refuseRounding(exact.compute(), from, column as DecimalColumn, value);
    return constant.compute();
  };
  return { ...constant, compute };
}

type DecimalColumn = Column & { readonly type: DecimalType };

/** ksqlDB: digits that the column has no place for must be zeros. */
function refuseRounding(value: SqlValue, from: DecimalType, { name, type }: DecimalColumn, at: At): void {
  if (value === null || (value as bigint) % powerOfTen(from.scale - type.scale) === 0n) return;
  throw new SqlError(
    `${formatDecimal(value as bigint, from.scale)} has more digits behind the point than column ${name}, a ${formatType(type)}. CAST it to round it.`,
    at.line,
    at.column,
  );
}
