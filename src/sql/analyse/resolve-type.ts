import type { SqlType } from '../../data/types.ts';
import type { TypeNode } from '../ast.ts';
import type { Catalog } from '../catalog.ts';
import { SqlError } from '../sql-error.ts';
import { didYouMean } from '../suggest.ts';

const SIMPLE: ReadonlyMap<string, SqlType> = new Map<string, SqlType>([
  ...(
    ['BOOLEAN', 'INTEGER', 'BIGINT', 'DOUBLE', 'STRING', 'BYTES', 'TIME', 'DATE', 'TIMESTAMP'] as const
  ).map((kind): [string, SqlType] => [kind, { kind }]),
  ['INT', { kind: 'INTEGER' }],
  ['VARCHAR', { kind: 'STRING' }],
]);

/** A type as written to a type as meant: aliases, lengths nobody keeps, names given by CREATE TYPE. */
export function resolveType(node: TypeNode, catalog: Catalog): SqlType {
  switch (node.kind) {
    case 'array':
      return { kind: 'ARRAY', element: resolveType(node.element, catalog) };
    case 'map':
      return { kind: 'MAP', key: resolveType(node.key, catalog), value: resolveType(node.value, catalog) };
    case 'struct': {
      const seen = new Set<string>();
      for (const { name } of node.fields) {
        if (seen.has(name))
          throw new SqlError(
            `Two fields of the STRUCT are called ${name}. Rename one.`,
            node.line,
            node.column,
          );
        seen.add(name);
      }
      return {
        kind: 'STRUCT',
        fields: node.fields.map(({ name, type }) => ({ name, type: resolveType(type, catalog) })),
      };
    }
    case 'named':
      return resolveNamed(node, catalog);
  }
}

function resolveNamed(node: Extract<TypeNode, { kind: 'named' }>, catalog: Catalog): SqlType {
  const { name, parameters, line, column } = node;
  if (name === 'DECIMAL' || name === 'DEC') {
    const [precision, scale] = parameters;
    if (precision === undefined || scale === undefined || parameters.length > 2) {
      throw new SqlError('DECIMAL needs a precision and a scale: DECIMAL(10, 2)', line, column);
    }
    if (precision < 1)
      throw new SqlError(
        `DECIMAL(${precision}, ${scale}) has no digits: the precision starts at 1.`,
        line,
        column,
      );
    if (scale > precision) {
      throw new SqlError(
        `DECIMAL(${precision}, ${scale}) has more digits behind the point than it has at all: raise the precision.`,
        line,
        column,
      );
    }
    return { kind: 'DECIMAL', precision, scale };
  }
  const type = SIMPLE.get(name) ?? catalog.type?.(name);
  if (type !== undefined) return type;
  const hint = didYouMean(name, [...SIMPLE.keys(), 'DECIMAL', 'ARRAY', 'MAP', 'STRUCT']);
  throw new SqlError(`There is no type ${name}.${hint}`, line, column);
}
