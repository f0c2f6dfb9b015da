import { notYet } from '../analyse/analyse-expression.ts';
import type { JoinClause } from '../ast.ts';
import type { Pipeline } from './pipeline.ts';

/** Two tables whose rows are joined as they are at present. */
export function joinTables(_left: Pipeline, _right: Pipeline, clause: JoinClause): void {
  throw notYet('Table-table joins are', 'Start from a stream: FROM stream JOIN table ON ...', clause);
}
