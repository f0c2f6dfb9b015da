import { notYet } from '../analyse/analyse-expression.ts';
import type { JoinClause } from '../ast.ts';
import type { Pipeline } from './pipeline.ts';

/** Two streams whose rows meet when they have the same key and are close in time. */
export function joinStreams(_left: Pipeline, _right: Pipeline, clause: JoinClause): void {
  throw notYet(
    'Stream-stream joins (WITHIN) are',
    'Make the right side a table with CREATE TABLE ... AS SELECT ... GROUP BY.',
    clause,
  );
}
