import { analyse } from '../analyse/analyse-expression.ts';
import type { At, Expr, JoinClause } from '../ast.ts';
import type { Expression } from '../expression.ts';
import type { FormatSpec, StreamStreamJoinStep } from '../plan.ts';
import { SqlError } from '../sql-error.ts';
import { leftmostSource } from './aggregate.ts';
import { checkKeyHasNoMap, inMemoryKeyFormat } from './formats.ts';
import { checkTypes, type JoinSides } from './join-condition.ts';
import { joinRows } from './join-row.ts';
import type { Pipeline } from './pipeline.ts';
import { DAY_MS, durationMs } from './window.ts';

/** Two streams whose rows meet when they have the same key and are close in time. */
export function joinStreams(
  left: Pipeline,
  right: Pipeline,
  clause: JoinClause,
  { leftSide, rightSide }: JoinSides,
  id: string,
): void {
  const within = withinOf(clause);
  const leftKey = analyse(leftSide, left);
  const rightKey = analyse(rightSide, right);
  checkTypes(leftKey.type, rightKey.type, clause);
  const isLeftMoved = keyBy(left, leftSide, leftKey, `${id}-Left`);
  const isRightMoved = keyBy(right, rightSide, rightKey, `${id}-Right`);
  const keyFormat = keyFormatOf(isLeftMoved && !isRightMoved ? right : left);
  const key = left.window?.key;
  // In a FULL join either side may be null, so no column of theirs equals the key in every row.
  const isFull = clause.type === 'FULL';
  const texts = isFull ? [] : [...new Set([...keyTexts(left, leftSide), ...keyTexts(right, rightSide)])];
  const [leftStep, rightStep] = [left.step, right.step];
  left.step = {
    step: 'streamStreamJoinV1',
    id,
    relation: 'STREAM',
    schema: joinRows(left, right, texts),
    left: leftStep,
    right: rightStep,
    join: clause.type,
    ...within,
    keyFormat,
    ...(key && { keyWindow: key }),
  };
}

/** Rows come to the join by this key; whether they had another one. */
function keyBy(side: Pipeline, e: Expr, key: Expression, id: string): boolean {
  if (side.keys.length === 1 && side.keyPosition(e) === 0) {
    side.useKey();
    return false;
  }
  if (side.window !== undefined) {
    throw new SqlError(
      'A windowed stream stays in the partitions of its key: join it on that key.',
      e.line,
      e.column,
    );
  }
  const name = e.kind === 'name' ? e.name : 'ROWKEY';
  const column = { name, type: key.type, texts: [side.textOf(e)] };
  checkKeyHasNoMap([column], e);
  side.rekey([column], [key], 'JOIN', id);
  return true;
}

function keyTexts(side: Pipeline, e: Expr): readonly string[] {
  return [side.textOf(e), ...side.keys.flatMap(({ texts }) => texts)];
}

/** As ksqlDB, which writes no repartition topic for the side that already has the key. */
function keyFormatOf(side: Pipeline): FormatSpec {
  return inMemoryKeyFormat(leftmostSource(side.step).keyFormat, side.keys);
}

type Within = Pick<StreamStreamJoinStep, 'beforeMs' | 'afterMs' | 'graceMs' | 'waits'>;

/** Without GRACE PERIOD rows may be a day late, and those without a partner are told at once, as in ksqlDB. */
function withinOf({ within, line, column }: JoinClause): Within {
  if (within === undefined) throw missingWithin({ line, column });
  const [beforeMs, afterMs] = [durationMs(within.before), durationMs(within.after)];
  if (within.grace !== undefined)
    return { beforeMs, afterMs, graceMs: durationMs(within.grace), waits: true };
  return { beforeMs, afterMs, graceMs: Math.max(DAY_MS - 2 * beforeMs, 0), waits: false };
}

function missingWithin({ line, column }: At): SqlError {
  return new SqlError(
    'A join of two streams needs WITHIN, which says how close in time two rows must be: JOIN s WITHIN 1 HOUR ON ...',
    line,
    column,
  );
}
