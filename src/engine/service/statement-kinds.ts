import type { Statement } from '../../sql/ast.ts';

const DEFINITIONS: ReadonlySet<Statement['kind']> = new Set([
  'createSource',
  'createAs',
  'insertInto',
  'drop',
  'alter',
  'alterSystem',
  'createType',
  'dropType',
  'terminate',
  'pause',
  'resume',
]);

/** Changes what is there: runs alone, is durable, then in force. */
export function isDefinition(statement: Statement): boolean {
  return DEFINITIONS.has(statement.kind);
}

/** Is answered by a stream of rows or lines. */
export function isQuery(statement: Statement): boolean {
  return statement.kind === 'query' || statement.kind === 'print';
}
