import { isJsonObject, numberIn, wholeNumberIn } from '../exact-json.ts';
import type { AvroType } from './avro-types.ts';

const INT = 2n ** 31n;
const LONG = 2n ** 63n;

/** Throws an Error that names `where` when a JSON value is no value of the type. */
export function checkDefault(type: AvroType, value: unknown, where: string): void {
  if (!isValue(type, value))
    throw new Error(`${where} has the default ${JSON.stringify(value)}, which is no ${describe(type)}`);
}

/** As the specification maps JSON to each type; of a union any branch, as since Avro 1.12. */
function isValue(type: AvroType, value: unknown): boolean {
  switch (type.kind) {
    case 'null':
      return value === null;
    case 'boolean':
      return typeof value === 'boolean';
    case 'int':
      return isWithin(value, INT);
    case 'long':
      return isWithin(value, LONG);
    case 'float':
    case 'double':
      return numberIn(value) !== undefined || ['NaN', 'Infinity', '-Infinity'].includes(value as string);
    case 'string':
    case 'bytes':
    case 'fixed':
      return typeof value === 'string';
    case 'enum':
      return type.symbols.includes(value as string);
    case 'array':
      return Array.isArray(value) && value.every((item) => isValue(type.items, item));
    case 'map':
      return isJsonObject(value) && Object.values(value).every((item) => isValue(type.values, item));
    case 'union':
      return type.branches.some((branch) => isValue(branch, value));
    case 'record':
      return (
        isJsonObject(value) &&
        type.fields.every(({ name, type: field, fallback }) =>
          name in value ? isValue(field, value[name]) : fallback !== undefined,
        )
      );
  }
}

function isWithin(value: unknown, limit: bigint): boolean {
  const whole = wholeNumberIn(value);
  return whole !== undefined && whole >= -limit && whole < limit;
}

function describe(type: AvroType): string {
  return 'fullName' in type ? `${type.kind} ${type.fullName}` : type.kind;
}
