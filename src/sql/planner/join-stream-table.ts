import { analyse } from '../analyse/analyse-expression.ts';
import type { JoinClause } from '../ast.ts';
import { SqlError } from '../sql-error.ts';
import { checkTypes, conditionText, type JoinSides } from './join-condition.ts';
import { joinRows } from './join-row.ts';
import type { Pipeline } from './pipeline.ts';

/** A stream whose rows look up a table's row of the same key. */
export function joinStreamTable(
  left: Pipeline,
  right: Pipeline,
  clause: JoinClause,
  { leftSide, rightSide }: JoinSides,
  id: string,
): void {
  if (right.keys.length !== 1 || right.keyPosition(rightSide) !== 0) {
    throw new SqlError(
      `A stream finds a table's row by its primary key, and ${conditionText(clause.on)} compares something else.`,
      clause.on.line,
      clause.on.column,
    );
  }
  const expression = analyse(leftSide, left);
  checkTypes(expression.type, right.keys[0]!.type, clause);
  const leftText = left.textOf(leftSide);
  const rightText = right.textOf(rightSide);
  const keyName = leftSide.kind === 'name' ? leftSide.name : right.keys[0]!.name;
  if (left.keys.length !== 1 || left.keyPosition(leftSide) !== 0) {
    if (left.window !== undefined) {
      throw new SqlError(
        'A windowed stream stays in the partitions of its key: join it on that key.',
        clause.on.line,
        clause.on.column,
      );
    }
    const key = { name: keyName, type: expression.type, texts: [leftText] };
    left.rekey([key], [expression], 'JOIN', `${id}-Left`);
  } else {
    left.useKey();
  }
  const schema = joinRows(left, right, [...new Set([leftText, ...left.keys[0]!.texts, rightText])]);
  left.step = {
    step: 'streamTableJoinV1',
    id,
    relation: 'STREAM',
    schema,
    left: left.step,
    right: right.step,
    join: clause.type === 'LEFT' ? 'LEFT' : 'INNER',
  };
}

/** What is wrong with it whatever the condition says. */
export function refuseStreamTable({ type, within, line, column }: JoinClause): void {
  if (within !== undefined) {
    throw new SqlError(
      'WITHIN is only for joins of two streams: a stream meets a table as it is at present. Drop the WITHIN clause.',
      line,
      column,
    );
  }
  if (type === 'RIGHT' || type === 'FULL') {
    throw new SqlError(
      `Join type ${type} is not possible between a stream and a table. Use INNER or LEFT.`,
      line,
      column,
    );
  }
}
