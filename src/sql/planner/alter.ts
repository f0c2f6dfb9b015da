import { resolveType } from '../analyse/resolve-type.ts';
import type { StatementOf } from '../ast.ts';
import type { Planned } from '../planned.ts';
import { SqlError } from '../sql-error.ts';
import { type PlanContext, requireSource } from './context.ts';
import { RESERVED_COLUMNS } from './create-source.ts';
import { checkColumns } from './formats.ts';

/** ALTER ... ADD COLUMN: value columns of a declared source; what reads it already goes on with those it knows. */
export function planAlter(statement: StatementOf<'alter'>, context: PlanContext): Planned {
  const { relation, name, line, column } = statement;
  const source = requireSource(context, name, statement);
  const what = relation.toLowerCase();
  const refuse = (reason: string) => new SqlError(reason, line, column);
  if (source.readOnly === true)
    throw refuse(
      `${name} is a read-only ${what}, so its columns stay. DROP it and create it with those it shall have.`,
    );
  if (source.relation !== relation)
    throw refuse(`${source.name} is a ${source.relation}: use ALTER ${source.relation}.`);
  if (source.createdByQuery !== undefined) {
    throw refuse(
      `The columns of ${name} are those of its query, which ALTER does not change. Use CREATE OR REPLACE ${relation} ${name} AS ... with more columns.`,
    );
  }
  const { key, value } = source.schema;
  const names = new Set([...key, ...value].map((existing) => existing.name));
  const added = statement.columns.map(({ name: added, type }) => {
    if (names.has(added))
      throw refuse(`${name} has a column ${added} already. Give the new one another name.`);
    if (RESERVED_COLUMNS.includes(added))
      throw refuse(`${added} is a name that every row has already. Call the column otherwise.`);
    names.add(added);
    return { name: added, type: resolveType(type, context.catalog) };
  });
  if (source.valueFormat.wrapSingle === false)
    throw refuse(
      `${name} takes no further columns: its one column is written without a name (WRAP_SINGLE_VALUE).`,
    );
  const written = [...value.filter(({ fromHeaders }) => !fromHeaders), ...added];
  checkColumns('Value', source.valueFormat.name, written, '', statement);
  const schema = { key, value: [...written, ...value.filter(({ fromHeaders }) => fromHeaders)] };
  return { kind: 'alter', source: { ...source, schema } };
}
