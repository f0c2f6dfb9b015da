import type { JoinClause } from '../ast.ts';
import { SqlError } from '../sql-error.ts';
import { type JoinSides, sidesOf } from './join-condition.ts';
import { joinStreamTable, refuseStreamTable } from './join-stream-table.ts';
import { joinStreams } from './join-streams.ts';
import { joinTables } from './join-tables.ts';
import type { Pipeline } from './pipeline.ts';
import { windowText } from './window.ts';

/** Makes `left` what the two have become together; `id` is that of the step. */
type Join = (left: Pipeline, right: Pipeline, clause: JoinClause, sides: JoinSides, id: string) => void;

/**
 * Joins a source to what the left side has become so far: a chain of joins is left-deep. `number` counts the joins of
 * the query from 1.
 *
 *   left    right
 *   STREAM  STREAM   join-streams.ts       rows that are close in time meet
 *   STREAM  TABLE    join-stream-table.ts  rows look up the table as it is
 *   TABLE   TABLE    join-tables.ts        rows as they are at present
 */
export function joinSource(left: Pipeline, right: Pipeline, clause: JoinClause, number: number): void {
  refuseAliasInUse(left, clause);
  const join = joinOf(left, right, clause);
  left.clause = 'JOIN ON';
  right.clause = 'JOIN ON';
  join(left, right, clause, sidesOf(clause, left, right), number === 1 ? 'Join' : `Join-${number}`);
}

function joinOf(left: Pipeline, right: Pipeline, clause: JoinClause): Join {
  const { line, column } = clause;
  if (left.step.relation === 'STREAM') {
    if (right.step.relation === 'STREAM') return joinStreams;
    refuseHalfWindowed(left, right, clause);
    refuseStreamTable(clause);
    return joinStreamTable;
  }
  if (right.step.relation === 'TABLE') return joinTables;
  throw new SqlError(
    'Invalid join order: a table cannot be joined with a stream on its right. Start from a stream: FROM stream JOIN table ON ...',
    line,
    column,
  );
}

function refuseAliasInUse(left: Pipeline, { source, line, column }: JoinClause): void {
  if (!left.aliases.includes(source.alias)) return;
  throw new SqlError(
    `Each source of a join must have its own alias: '${source.alias}' is used twice. Self joins are not supported.`,
    line,
    column,
  );
}

function refuseHalfWindowed(left: Pipeline, right: Pipeline, { line, column }: JoinClause): void {
  if ((left.window === undefined) === (right.window === undefined)) return;
  const [windowed, other] = left.window === undefined ? [right, left] : [left, right];
  throw new SqlError(
    `Can not join windowed source to non-windowed source.\n\`${windowed.aliases[0]}\` is ${windowText(windowed.window?.key)}\n\`${other.aliases[0]}\` is not windowed`,
    line,
    column,
  );
}
