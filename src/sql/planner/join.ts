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
  refuseSourceInUse(left, clause);
  refuseKafkaValues(left, right, clause);
  refuseOtherWindow(left, right, clause);
  const join = joinOf(left, right, clause);
  left.clause = 'JOIN ON';
  right.clause = 'JOIN ON';
  join(left, right, clause, sidesOf(clause, left, right), number === 1 ? 'Join' : `Join-${number}`);
}

function joinOf(left: Pipeline, right: Pipeline, clause: JoinClause): Join {
  const { line, column } = clause;
  if (left.step.relation === 'STREAM') {
    if (right.step.relation === 'STREAM') return joinStreams;
    refuseStreamTable(clause);
    return joinStreamTable;
  }
  if (right.step.relation === 'TABLE') return joinTables;
  throw new SqlError(
    'A table cannot be joined with a stream on its right. Start from the stream: FROM stream JOIN table ON ...',
    line,
    column,
  );
}

/** ksqlDB has no self joins: rows of one stream would have to meet in one store under two names. */
function refuseSourceInUse(left: Pipeline, { source, line, column }: JoinClause): void {
  if (left.aliases.includes(source.alias)) {
    throw new SqlError(
      `Two sources of the join are called ${source.alias}. Give one another name with AS.`,
      line,
      column,
    );
  }
  if (!left.sources.some((joined) => joined.source === source.name)) return;
  throw new SqlError(
    `${source.name} cannot be joined with itself. Make a second stream or table of it with CREATE ... AS SELECT and join that.`,
    line,
    column,
  );
}

/** ksqlDB leaves the KAFKA format to single values that only pass. */
function refuseKafkaValues(left: Pipeline, right: Pipeline, { line, column }: JoinClause): void {
  const sources = [...left.sources, ...right.sources].filter(
    ({ valueFormat }) => valueFormat.name === 'KAFKA',
  );
  if (sources.length === 0) return;
  const names = sources.map(({ source }) => source).join(', ');
  throw new SqlError(
    `Values of ${names} are in the KAFKA format, which a join cannot keep. Write them in another one with CREATE ... WITH (VALUE_FORMAT = 'JSON') AS SELECT.`,
    line,
    column,
  );
}

/** Keys are compared as they are written, with their windows: bounds of sessions, starts of time windows. */
function refuseOtherWindow(left: Pipeline, right: Pipeline, { line, column }: JoinClause): void {
  const [mine, other] = [left.window?.key, right.window?.key];
  if ((mine?.type === 'SESSION') === (other?.type === 'SESSION') && !mine === !other) return;
  throw new SqlError(
    `Keys with different windows are never equal: ${left.aliases[0]} is ${windowText(mine)}, ${right.aliases[0]} is ${windowText(other)}. Join what has the same windows.`,
    line,
    column,
  );
}
