import { commonType } from '../../data/common-type.ts';
import { sameType } from '../../data/compare.ts';
import { formatType } from '../../data/type-text.ts';
import type { SqlType } from '../../data/types.ts';
import type { Expr, ExprOf, JoinClause } from '../ast.ts';
import { walk } from '../ast-walk.ts';
import { exprText } from '../expression-text.ts';
import { SqlError } from '../sql-error.ts';
import { type Pipeline, SYNTHETIC } from './pipeline.ts';

/** The expressions that a join compares, each over one of the two sources. */
export interface JoinSides {
  readonly leftSide: Expr;
  readonly rightSide: Expr;
}

/** Which side of the `=` belongs to which source; either way round is fine. */
export function sidesOf({ on }: JoinClause, left: Pipeline, right: Pipeline): JoinSides {
  if (on.kind === 'logical') {
    throw new SqlError(
      `A join compares one pair: ${conditionText(on)} has more. Compare one after ON and put the rest into WHERE.`,
      on.line,
      on.column,
    );
  }
  if (on.kind !== 'binary' || on.operator !== '=') {
    throw new SqlError(
      `A join needs one comparison with = after ON; ${conditionText(on)} is something else.`,
      on.line,
      on.column,
    );
  }
  const sides = [on.left, on.right].map((side) => sideOf(side, on, left, right));
  if (sides[0] === sides[1]) {
    throw new SqlError(
      `Both sides of ${exprText(on)} are of the same source. A join compares one source with the other.`,
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
    `${exprText(e)} in ${exprText(on)} must have columns of one source, and of one alone.`,
    e.line,
    e.column,
  );
}

function sideOfName(e: ExprOf<'name'>, left: Pipeline, right: Pipeline): 'left' | 'right' {
  if (e.source !== undefined) {
    if (left.aliases.includes(e.source)) return 'left';
    if (right.aliases.includes(e.source)) return 'right';
    throw new SqlError(`No source of this query is called ${e.source}.`, e.line, e.column);
  }
  const has = (side: Pipeline) =>
    side.columns.some((column) => column.name === e.name && column.alias !== SYNTHETIC);
  if (has(left) && has(right)) {
    throw new SqlError(
      `Both sides have a column ${e.name}. Say whose it is: ${left.aliases[0]}.${e.name}.`,
      e.line,
      e.column,
    );
  }
  if (!has(left) && !has(right)) {
    throw new SqlError(`There is no column ${e.name} on either side of the JOIN.`, e.line, e.column);
  }
  return has(left) ? 'left' : 'right';
}

/** Keys meet as bytes, so that equal values of two types would not: ksqlDB leaves it to the user to say which is meant. */
export function checkTypes(left: SqlType, right: SqlType, { on }: JoinClause): void {
  if (sameType(left, right)) return;
  const hint = commonType(left, right) === undefined ? '' : ` Use CAST(... AS ${formatType(right)}).`;
  throw new SqlError(
    `${conditionText(on)} compares ${formatType(left)} with ${formatType(right)}, whose keys are never equal.${hint}`,
    on.line,
    on.column,
  );
}

/** Without the parentheses around the whole. */
export function conditionText(on: Expr): string {
  return exprText(on).replace(/^\((.*)\)$/, '$1');
}
