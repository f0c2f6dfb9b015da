import { analyse } from '../analyse/analyse-expression.ts';
import type { Expr, JoinClause } from '../ast.ts';
import type { Expression } from '../expression.ts';
import type { Step } from '../plan.ts';
import { SqlError } from '../sql-error.ts';
import { leftmostSource } from './aggregate.ts';
import { inMemoryKeyFormat } from './formats.ts';
import { checkTypes, conditionText, type JoinSides } from './join-condition.ts';
import { joinRows } from './join-row.ts';
import type { Pipeline } from './pipeline.ts';
import { windowText } from './window.ts';

/**
 * Two tables whose rows are joined as they are at present.
 *
 *   left's primary key = right's primary key   their rows with equal keys; the key of the result
 *   other expression   = right's primary key   a foreign key; the result has left's key
 */
export function joinTables(
  left: Pipeline,
  right: Pipeline,
  clause: JoinClause,
  { leftSide, rightSide }: JoinSides,
  id: string,
): void {
  refuseWithin(clause);
  refuseOtherSize(left, right, clause);
  const expression = analyse(leftSide, left);
  if (right.keys.length !== 1 || right.keyPosition(rightSide) !== 0)
    throw wrongCondition(clause, 'the right side of = must be the primary key of the table that is joined');
  checkTypes(expression.type, right.keys[0]!.type, clause);
  if (isPrimaryKey(left, leftSide)) joinOnPrimaryKeys(left, right, clause, { leftSide, rightSide }, id);
  else joinOnForeignKey(left, right, clause, expression, id);
}

/** In a chain of joins the key of any table so far is the key of what they have become. */
function isPrimaryKey(left: Pipeline, e: Expr): boolean {
  if (left.keys.length !== 1) return false;
  if (left.keyPosition(e) === 0) return true;
  if (e.kind !== 'name') return false;
  const { key, bound } = left.find(e);
  return key && !bound;
}

function joinOnPrimaryKeys(
  left: Pipeline,
  right: Pipeline,
  { type }: JoinClause,
  { leftSide, rightSide }: JoinSides,
  id: string,
): void {
  const texts = [left.textOf(leftSide), ...left.keys[0]!.texts, right.textOf(rightSide)];
  const sides = { left: left.step, right: right.step };
  // In a FULL join either side may be null, so no column of theirs equals the key in every row.
  const schema = joinRows(left, right, type === 'FULL' ? [] : [...new Set(texts)]);
  left.step = { step: 'tableTableJoinV1', id, relation: 'TABLE', schema, ...sides, join: type };
}

function joinOnForeignKey(
  left: Pipeline,
  right: Pipeline,
  clause: JoinClause,
  foreignKey: Expression,
  id: string,
): void {
  const join = foreignKeyJoinType(left, clause);
  const { keys, step } = left;
  // The right table's key is a column like others in the result.
  right.columns = right.columns.map((column) => ({ ...column, key: false }));
  const schema = joinRows(left, right, keys[0]!.texts);
  left.keys = keys;
  left.step = {
    step: 'foreignKeyJoinV1',
    id,
    relation: 'TABLE',
    schema,
    left: step,
    right: right.step,
    join,
    foreignKey,
    keyFormat: inMemoryKeyFormat(leftmostSource(step).keyFormat, step.schema.key),
  };
}

/** What ksqlDB has of foreign keys. */
function foreignKeyJoinType(left: Pipeline, clause: JoinClause): 'INNER' | 'LEFT' {
  const { type, line, column } = clause;
  if (isJoin(left.step))
    throw wrongCondition(clause, 'a foreign key can only be followed in the first join of a query');
  if (left.window !== undefined)
    throw wrongCondition(clause, 'foreign-key joins are not possible for windowed tables');
  if (type === 'INNER' || type === 'LEFT') return type;
  throw new SqlError(
    `${type} cannot join on a foreign key (${conditionText(clause.on)}). Use INNER or LEFT, or compare the primary keys of both tables.`,
    line,
    column,
  );
}

function isJoin(step: Step): boolean {
  return 'left' in step;
}

function refuseWithin({ within, line, column }: JoinClause): void {
  if (within === undefined) return;
  throw new SqlError(
    'WITHIN is only for joins of two streams: tables are joined as they are at present, whenever their rows came. Drop the WITHIN clause.',
    line,
    column,
  );
}

function refuseOtherSize(left: Pipeline, right: Pipeline, { line, column }: JoinClause): void {
  if (left.window?.key.sizeMs === right.window?.key.sizeMs) return;
  throw new SqlError(
    `Windows of different sizes never have the same bounds: \`${left.aliases[0]}\` is ${windowText(left.window?.key)}, \`${right.aliases[0]}\` is ${windowText(right.window?.key)}.`,
    line,
    column,
  );
}

function wrongCondition({ on }: JoinClause, problem: string): SqlError {
  return new SqlError(`${conditionText(on)} cannot join these: ${problem}.`, on.line, on.column);
}
