import type { ParsedStatement, Query, Relation } from '../../../src/sql/ast.ts';
import type { Case } from './expand.ts';
import { parsedStatementsOf } from './world.ts';

/** What Millrace does not have yet. A refusal of such a case proves nothing, so it is not run. */
export type Missing = 'table-table joins';

export function missingFor(test: Case): Missing | undefined {
  const statements = parsedStatementsOf(test);
  const relations = relationsOf(statements);
  for (const query of queriesOf(statements)) {
    const missing = missingInQuery(query, relations);
    if (missing) return missing;
  }
  return undefined;
}

function queriesOf(statements: readonly ParsedStatement[]): Query[] {
  return statements.flatMap(({ statement }) =>
    statement.kind === 'createAs' || statement.kind === 'insertInto' ? [statement.query] : [],
  );
}

function relationsOf(statements: readonly ParsedStatement[]): Map<string, Relation> {
  return new Map(
    statements.flatMap(({ statement }) =>
      statement.kind === 'createSource' || statement.kind === 'createAs'
        ? [[statement.name, statement.relation] as const]
        : [],
    ),
  );
}

function missingInQuery(query: Query, relations: ReadonlyMap<string, Relation>): Missing | undefined {
  // What is joined to a stream is a stream, and likewise for tables: the leftmost source decides.
  const left = relations.get(query.from.name);
  for (const { source } of query.joins) {
    if (left === 'TABLE' && relations.get(source.name) === 'TABLE') return 'table-table joins';
  }
  return undefined;
}
