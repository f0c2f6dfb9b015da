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
  const has = (side: Pipeline) =>
    side.columns.some((column) => column.name === e.name && column.alias !== SYNTHETIC);
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

/** Keys meet as bytes, so that equal values of two types would not: ksqlDB leaves it to the user to say which is meant. */
export function checkTypes(left: SqlType, right: SqlType, { on }: JoinClause): void {
  if (sameType(left, right)) return;
  const hint = commonType(left, right) === undefined ? '' : ` Use CAST(... AS ${formatType(right)}).`;
  throw new SqlError(
    `Invalid join condition: types don't match. Got ${conditionText(on)}: ${formatType(left)} = ${formatType(right)}.${hint}`,
    on.line,
    on.column,
  );
}

/** Without the parentheses around the whole. */
export function conditionText(on: Expr): string {
  return exprText(on).replace(/^\((.*)\)$/, '$1');
}
