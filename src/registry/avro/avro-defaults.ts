import { type AvroField, type AvroType, kindAndName } from '../../serde/avro/avro-type.ts';
import { isJsonObject, numberIn, wholeNumberIn } from '../../serde/exact-json.ts';

const INT = 2n ** 31n;
const LONG = 2n ** 63n;

/** Throws an Error that names the first field whose default is no value of its type. */
export function checkDefaults(root: AvroType): void {
  const seen = new Set<AvroType>();
  const check = (type: AvroType, path: string): void => {
    switch (type.kind) {
      case 'array':
        check(type.items, `${path}/items`);
        break;
      case 'map':
        check(type.values, `${path}/values`);
        break;
      case 'union':
        for (const [index, branch] of type.branches.entries()) check(branch, `${path}/${index}`);
        break;
      case 'record':
        if (seen.has(type)) break;
        seen.add(type);
        for (const [index, field] of type.fields.entries()) {
          const place = `${path}/fields/${index}`;
          check(field.type, `${place}/type`);
          checkDefault(field, place);
        }
    }
  };
  check(root, '');
}

function checkDefault({ name, type, fallback }: AvroField, path: string): void {
  if (fallback && !isValue(type, fallback.value))
    throw new Error(
      `'${path}', the field "${name}" has the default ${JSON.stringify(fallback.value)}, which is no ${kindAndName(type)}`,
    );
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
