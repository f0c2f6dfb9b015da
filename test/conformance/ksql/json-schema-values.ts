import { isArray, isObject, type Json, JsonDouble, JsonNumber, type JsonObject } from './json-text.ts';

/** A value of JSON_SR as a reader with its schema has it: what the schema calls a number is a double. */
export function readWithSchema(value: Json, schema: Json | undefined): Json {
  const node = withoutNull(schema);
  if (node === undefined) return value;
  if (value instanceof JsonNumber)
    return node.type === 'number' && !isDecimal(node) ? new JsonDouble(value.text) : value;
  if (isArray(value)) return value.map((item) => readWithSchema(item, node.items));
  if (!isObject(value)) return value;
  const properties = (node.properties ?? {}) as JsonObject;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      readWithSchema(field, properties[name] ?? node.additionalProperties),
    ]),
  );
}

/** Optional values are one of a null and of something. */
function withoutNull(schema: Json | undefined): JsonObject | undefined {
  if (!isObject(schema ?? null)) return undefined;
  const node = schema as JsonObject;
  const choices = [node.oneOf, node.anyOf].find((choice) => isArray(choice ?? null)) as
    | readonly Json[]
    | undefined;
  if (choices === undefined) return node;
  return withoutNull(choices.find((choice) => isObject(choice) && choice.type !== 'null'));
}

function isDecimal({ title }: JsonObject): boolean {
  return typeof title === 'string' && title.endsWith('.Decimal');
}
