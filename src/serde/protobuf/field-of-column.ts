import type { NamedType } from '../json-tree.ts';
import type { MessageField } from './message-fields.ts';
import { oneofColumnName } from './sql-columns.ts';

/** What a column is in a message: a field, or the members of a oneof, which are the fields of the column's STRUCT. */
export type ColumnTarget =
  | { readonly kind: 'field'; readonly field: MessageField }
  | { readonly kind: 'oneof'; readonly members: readonly MessageField[] };

/** Found by its exact name, else by one that is equal in upper case, as ksqlDB finds it. Undefined: the message has none. */
export function targetOfColumn(
  { name }: NamedType,
  fields: readonly MessageField[],
): ColumnTarget | undefined {
  const field = byName(name, fields, (candidate) => candidate.name);
  if (field !== undefined) return { kind: 'field', field };
  const inOneof = fields.filter(({ oneof }) => oneof !== undefined);
  const nameOf = ({ oneof }: MessageField) => (oneof === undefined ? '' : oneofColumnName(oneof));
  const found = byName(name, inOneof, nameOf);
  if (found === undefined) return undefined;
  return { kind: 'oneof', members: inOneof.filter((member) => nameOf(member) === nameOf(found)) };
}

function byName(
  name: string,
  fields: readonly MessageField[],
  nameOf: (field: MessageField) => string,
): MessageField | undefined {
  return (
    fields.find((field) => nameOf(field) === name) ??
    fields.find((field) => nameOf(field).toUpperCase() === name.toUpperCase())
  );
}
