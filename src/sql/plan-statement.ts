import type { ParsedStatement } from './ast.ts';
import type { Catalog } from './catalog.ts';
import type { Planned, PlanOptions } from './planned.ts';

/** Checks a statement against the catalogue and says what is to be done. Throws SqlError. */
export function planStatement(statement: ParsedStatement, _catalog: Catalog, _options: PlanOptions): Planned {
  throw new Error(`cannot plan ${statement.text} yet`);
}
