import type { SqlType, StructField } from '../../data/types.ts';
import { SerdeError } from '../format.ts';
import { type AvroType, branchName, isMapEntry, type LogicalType, simpleName } from './avro-type.ts';

/*
 * The SQL type that holds what an Avro schema describes, as Kafka Connect sees it:
 *
 *   [null, T]             T                 record     STRUCT
 *   any other union       STRUCT with a     enum       STRING
 *                         field a branch    fixed      BYTES
 *   array of {key, value} MAP               float      DOUBLE
 */
export function sqlTypeOf(type: AvroType): SqlType {
  return translate(type, []);
}

function translate(type: AvroType, enclosing: readonly AvroType[]): SqlType {
  switch (type.kind) {
    case 'null':
      throw new SerdeError('Avro type null alone has no SQL type');
    case 'boolean':
      return { kind: 'BOOLEAN' };
    case 'int':
      return { kind: ofInt[type.logical?.name ?? ''] ?? 'INTEGER' };
    case 'long':
      return { kind: ofLong[type.logical?.name ?? ''] ?? 'BIGINT' };
    case 'float':
    case 'double':
      return { kind: 'DOUBLE' };
    case 'enum':
      if (type.symbols.length === 0) throw new SerdeError(`Avro enum ${type.fullName} has no symbols`);
      return { kind: 'STRING' };
    case 'string':
      return { kind: 'STRING' };
    case 'bytes':
    case 'fixed':
      return decimalOf(type.logical) ?? { kind: 'BYTES' };
    case 'map':
      return { kind: 'MAP', key: { kind: 'STRING' }, value: translate(type.values, enclosing) };
    case 'array':
      return isMapEntry(type.items)
        ? {
            kind: 'MAP',
            key: translate(type.items.fields[0]!.type, enclosing),
            value: translate(type.items.fields[1]!.type, enclosing),
          }
        : { kind: 'ARRAY', element: translate(type.items, enclosing) };
    case 'record': {
      if (enclosing.includes(type))
        throw new SerdeError(`Avro record ${type.fullName} holds itself, which no SQL type can`);
      const within = [...enclosing, type];
      return {
        kind: 'STRUCT',
        fields: type.fields.map((field) => ({ name: field.name, type: translate(field.type, within) })),
      };
    }
    case 'union': {
      const branches = type.branches.filter(({ kind }) => kind !== 'null');
      const [only] = branches;
      if (only === undefined) throw new SerdeError('an Avro union of null alone has no SQL type');
      if (branches.length === 1) return translate(only, enclosing);
      return { kind: 'STRUCT', fields: branches.map((branch) => unionField(branch, enclosing)) };
    }
  }
}

function unionField(branch: AvroType, enclosing: readonly AvroType[]): StructField {
  return { name: unionFieldName(branch), type: translate(branch, enclosing) };
}

/** Kafka Connect's name of a union's branch as a field. */
export function unionFieldName(branch: AvroType): string {
  return simpleName(branchName(branch));
}

const ofInt: Readonly<Record<string, 'DATE' | 'TIME'>> = { date: 'DATE', 'time-millis': 'TIME' };

/** Connect knows no microseconds: what has them is a plain number, unless a column is declared to be a TIMESTAMP or TIME. */
const ofLong: Readonly<Record<string, 'TIMESTAMP'>> = { 'timestamp-millis': 'TIMESTAMP' };

function decimalOf(logical: LogicalType | undefined): SqlType | undefined {
  if (logical?.name !== 'decimal') return undefined;
  return { kind: 'DECIMAL', precision: logical.precision, scale: logical.scale };
}
