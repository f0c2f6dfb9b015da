import { commonType } from '../../data/common-type.ts';
import { sameType } from '../../data/compare.ts';
import { formatType } from '../../data/type-text.ts';
import { analyse, notYet } from '../analyse/analyse-expression.ts';
import type { Expr, ExprOf, JoinClause } from '../ast.ts';
import { walk } from '../ast-walk.ts';
import type { Expression } from '../expression.ts';
import { exprText } from '../expression-text.ts';
import { SqlError } from '../sql-error.ts';
import { type Pipeline, plainColumn } from './pipeline.ts';
import { windowText } from './window.ts';

/** Joins a table to what the left side has become so far. `number` counts the joins of the query from 1. */
export function joinTable(left: Pipeline, right: Pipeline, clause: JoinClause, number: number): void {
  refuseWhatIsMissing(left, right, clause);
  const suffix = number === 1 ? '' : `-${number}`;
  const { leftSide, rightSide } = sidesOf(clause, left, right);
  left.clause = 'JOIN ON';
  right.clause = 'JOIN ON';
  if (right.keys.length !== 1 || right.keyPosition(rightSide) !== 0) {
    throw new SqlError(
      `Invalid join condition: stream-table joins require to join on the table's primary key. Got ${conditionText(clause.on)}.`,
      clause.on.line,
      clause.on.column,
    );
  }
  const expression = analyse(leftSide, left);
  checkTypes(expression, right, clause);
  const leftText = left.textOf(leftSide);
  const rightText = right.textOf(rightSide);
  const keyName = leftSide.kind === 'name' ? leftSide.name : right.keys[0]!.name;
  if (left.keys.length !== 1 || left.keyPosition(leftSide) !== 0) {
    if (left.window !== undefined) {
      throw new SqlError(
        'Implicit repartitioning of windowed sources is not supported: join on the key of the windowed stream.',
        clause.on.line,
        clause.on.column,
      );
    }
    const key = { name: keyName, type: expression.type, texts: [leftText] };
    left.rekey([key], [expression], 'JOIN', `Join${suffix}-Left`);
  } else {
    left.useKey();
  }
  const texts = [...new Set([leftText, ...left.keys[0]!.texts, rightText])];
  appendRight(left, right, clause, `Join${suffix}`, texts);
}

/** Output row: key | all of left's columns | all of right's columns. */
function appendRight(
  left: Pipeline,
  right: Pipeline,
  clause: JoinClause,
  id: string,
  keyTexts: readonly string[],
): void {
  const key = left.step.schema.key.map(plainColumn);
  const leftWidth = left.step.schema.key.length + left.step.schema.value.length;
  const value = [left, right].flatMap(({ step }) => [...step.schema.key, ...step.schema.value]);
  left.columns = [
    ...left.columns.map((column) => ({ ...column, index: column.index + key.length })),
    ...right.columns.map((column) => ({ ...column, index: column.index + key.length + leftWidth })),
  ];
  left.keys = [{ ...key[0]!, texts: keyTexts }];
  left.step = {
    step: 'streamTableJoinV1',
    id,
    relation: 'STREAM',
    schema: { key, value },
    left: left.step,
    right: right.step,
    join: clause.type === 'LEFT' ? 'LEFT' : 'INNER',
  };
}

function refuseWhatIsMissing(left: Pipeline, right: Pipeline, clause: JoinClause): void {
  const { line, column } = clause;
  if (left.aliases.includes(clause.source.alias)) {
    throw new SqlError(
      `Each source of a join must have its own alias: '${clause.source.alias}' is used twice. Self joins are not supported.`,
      line,
      column,
    );
  }
  if (left.step.relation === 'STREAM' && right.step.relation === 'STREAM') {
    throw notYet(
      'Stream-stream joins (WITHIN) are',
      'Make the right side a table with CREATE TABLE ... AS SELECT ... GROUP BY.',
      clause,
    );
  }
  if (left.step.relation === 'TABLE') {
    const remedy = 'Start from a stream: FROM stream JOIN table ON ...';
    if (right.step.relation === 'TABLE') throw notYet('Table-table joins are', remedy, clause);
    throw new SqlError(
      `Invalid join order: a table cannot be joined with a stream on its right. ${remedy}`,
      line,
      column,
    );
  }
  if ((left.window === undefined) !== (right.window === undefined)) {
    const [windowed, other] = left.window === undefined ? [right, left] : [left, right];
    throw new SqlError(
      `Can not join windowed source to non-windowed source.\n\`${windowed.aliases[0]}\` is ${windowText(windowed.window?.key)}\n\`${other.aliases[0]}\` is not windowed`,
      line,
      column,
    );
  }
  if (clause.within !== undefined) {
    throw new SqlError(
      'A window definition was provided for a Stream-Table join. These joins are not windowed. Please drop the window definition (ie. the WITHIN clause) and try to execute your join again.',
      line,
      column,
    );
  }
  if (clause.type === 'RIGHT' || clause.type === 'FULL') {
    throw new SqlError(
      `Join type ${clause.type} is not possible between a stream and a table. Use INNER or LEFT.`,
      line,
      column,
    );
  }
}

/** Which side of the `=` belongs to which source; either way round is fine. */
function sidesOf({ on }: JoinClause, left: Pipeline, right: Pipeline): { leftSide: Expr; rightSide: Expr } {
  if (on.kind === 'logical') {
    throw new SqlError(
      `Invalid join condition: joins on multiple conditions are not yet supported. Got ${conditionText(on)}.`,
      on.line,
      on.column,
    );
  }
  if (on.kind !== 'binary' || on.operator !== '=') {
    throw new SqlError(
      `Invalid join expression: joins need one comparison with =. Got ${conditionText(on)}.`,
      on.line,
      on.column,
    );
  }
  const sides = [on.left, on.right].map((side) => sideOf(side, on, left, right));
  if (sides[0] === sides[1]) {
    throw new SqlError(
      `Invalid comparison expression in join '${exprText(on)}'. Each side of the join comparision must contain references from exactly one source.`,
      on.line,
      on.column,
    );
  }
  return sides[0] === 'left'
    ? { leftSide: on.left, rightSide: on.right }
    : { leftSide: on.right, rightSide: on.left };
}

function sideOf(e: Expr, on: Expr, left: Pipeline, right: Pipeline): 'left' | 'right' {
  const sides = new Set<'left' | 'right'>();
  for (const part of walk(e)) if (part.kind === 'name') sides.add(sideOfName(part, left, right));
  const [side] = sides;
  if (sides.size === 1 && side !== undefined) return side;
  throw new SqlError(
    `Invalid comparison expression '${exprText(e)}' in join '${exprText(on)}'. Each side of the join comparision must contain references from exactly one source.`,
    e.line,
    e.column,
  );
}

function sideOfName(e: ExprOf<'name'>, left: Pipeline, right: Pipeline): 'left' | 'right' {
  if (e.source !== undefined) {
    if (left.aliases.includes(e.source)) return 'left';
    if (right.aliases.includes(e.source)) return 'right';
    throw new SqlError(`'${e.source}' is not a valid stream/table name or alias.`, e.line, e.column);
  }
  const has = (side: Pipeline) => side.columns.some((column) => column.name === e.name);
  if (has(left) && has(right)) {
    throw new SqlError(
      `Column '${e.name}' is ambiguous. Say which source it is of: ${left.aliases[0]}.${e.name}.`,
      e.line,
      e.column,
    );
  }
  if (!has(left) && !has(right)) {
    throw new SqlError(`JOIN ON column '${e.name}' cannot be resolved.`, e.line, e.column);
  }
  return has(left) ? 'left' : 'right';
}

function checkTypes(left: Expression, right: Pipeline, { on }: JoinClause): void {
  const key = right.keys[0]!;
  if (sameType(left.type, key.type)) return;
  const hint =
    commonType(left.type, key.type) === undefined ? '' : ` Use CAST(... AS ${formatType(key.type)}).`;
  throw new SqlError(
    `Invalid join condition: types don't match. Got ${conditionText(on)}: ${formatType(left.type)} = ${formatType(key.type)}.${hint}`,
    on.line,
    on.column,
  );
}

/** Without the parentheses around the whole. */
function conditionText(on: Expr): string {
  return exprText(on).replace(/^\((.*)\)$/, '$1');
}
