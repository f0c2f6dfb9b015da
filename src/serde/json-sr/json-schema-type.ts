import { MOST_DECIMAL_DIGITS } from '../../data/decimal.ts';
import type { SqlType } from '../../data/types.ts';
import type { WholeSchema } from '../../data/writer-schema.ts';
import { SerdeError } from '../format.ts';
import { unionField } from '../json-union.ts';

type Json = Readonly<Record<string, unknown>>;

const CONNECT = 'org.apache.kafka.connect.data.';
/** Kafka Connect's, where a schema does not say. */
const DEFAULT_PRECISION = 64;

/**
 * The SQL type of what a JSON Schema describes, as Kafka Connect sees it; see json-union.ts for what may be of several types.
 * Where that is the whole document, it is a STRING, its JSON.
 */
export function sqlTypeOfJsonSchema({ schema, imports }: WholeSchema): SqlType {
  const documents = new Map(imports.map(({ name, schema: text }) => [name, parse(text)]));
  const root = parse(schema);
  try {
    return new Reader(root, documents).typeOf(root, []);
  } catch (error) {
    if (error instanceof RangeError) throw new SerdeError('the JSON Schema is nested too deeply');
    throw error;
  }
}

class Reader {
  readonly #root: Json;
  readonly #documents: ReadonlyMap<string, Json>;

  constructor(root: Json, documents: ReadonlyMap<string, Json>) {
    this.#root = root;
    this.#documents = documents;
  }

  typeOf(json: Json, enclosing: readonly Json[]): SqlType {
    if (enclosing.includes(json)) throw new SerdeError('the JSON Schema holds itself, which no SQL type can');
    const within = [...enclosing, json];
    if (typeof json.$ref === 'string') return this.#referred(json.$ref, within);
    const several = json.oneOf ?? json.anyOf;
    if (Array.isArray(several) && !('properties' in json) && several.some(saysType))
      return this.#oneOf(several, within);
    if (Array.isArray(json.allOf)) return this.typeOf(merged(json, json.allOf as readonly Json[]), within);
    const types = [json.type].flat().filter((type) => type !== 'null');
    if (json.type === 'null') throw new SerdeError('a JSON Schema of null alone has no SQL type');
    if (types.length > 1)
      return this.#union(
        types.map((type) => ({ ...json, type })),
        within,
      );
    return this.#single(json, types[0] ?? impliedType(json), within);
  }

  #single(json: Json, type: unknown, within: readonly Json[]): SqlType {
    switch (type) {
      case 'boolean':
        return { kind: 'BOOLEAN' };
      case 'integer':
        return integerType(json);
      case 'number':
        return numberType(json);
      case 'string':
        return { kind: json['connect.type'] === 'bytes' ? 'BYTES' : 'STRING' };
      case 'array':
        return this.#arrayType(json, within);
      case 'object':
        return this.#objectType(json, within);
      default:
        throw new SerdeError(`a JSON Schema of type ${JSON.stringify(type)} has no SQL type`);
    }
  }

  #arrayType(json: Json, within: readonly Json[]): SqlType {
    const { items } = json;
    if (!isObject(items)) throw new SerdeError('an array in the JSON Schema does not say what is in it');
    const element = this.typeOf(items, within);
    if (json['connect.type'] !== 'map' || element.kind !== 'STRUCT') return { kind: 'ARRAY', element };
    const [key, value] = ['key', 'value'].map((name) => element.fields.find((field) => field.name === name));
    if (!key || !value) throw new SerdeError('a map in the JSON Schema has no key and value');
    return { kind: 'MAP', key: key.type, value: value.type };
  }

  #objectType(json: Json, within: readonly Json[]): SqlType {
    const { properties, additionalProperties } = json;
    if (json['connect.type'] === 'map' || (!isObject(properties) && isObject(additionalProperties))) {
      const value = isObject(additionalProperties)
        ? this.typeOf(additionalProperties, within)
        : ({ kind: 'STRING' } as const);
      return { kind: 'MAP', key: { kind: 'STRING' }, value };
    }
    const entries = Object.entries(isObject(properties) ? properties : {}) as [string, Json][];
    const fields = entries
      .toSorted(([, a], [, b]) => indexOf(a) - indexOf(b))
      .map(([name, property]) => ({ name, type: this.typeOf(property, within) }));
    return { kind: 'STRUCT', fields };
  }

  #oneOf(several: readonly unknown[], within: readonly Json[]): SqlType {
    const others = several.filter((one): one is Json => isObject(one) && one.type !== 'null');
    const [only] = others;
    if (only === undefined) throw new SerdeError('a JSON Schema of null alone has no SQL type');
    return others.length === 1 ? this.typeOf(only, within) : this.#union(others, within);
  }

  #union(types: readonly Json[], within: readonly Json[]): SqlType {
    if (within.length === 1) return { kind: 'STRING' };
    return {
      kind: 'STRUCT',
      fields: types.map((type, index) => ({ name: unionField(index), type: this.typeOf(type, within) })),
    };
  }

  #referred(ref: string, within: readonly Json[]): SqlType {
    const [name = '', pointer = ''] = ref.split('#');
    const document = name === '' ? this.#root : this.#documents.get(name);
    const target = document && pointedAt(document, pointer);
    if (!target) throw new SerdeError(`the JSON Schema refers to ${ref}, which is not there`);
    return new Reader(document, this.#documents).typeOf(target, within);
  }
}

function integerType(json: Json): SqlType {
  const isLong = !['int8', 'int16', 'int32'].includes(json['connect.type'] as string);
  switch (json.title) {
    case `${CONNECT}Date`:
      return { kind: 'DATE' };
    case `${CONNECT}Time`:
      return { kind: 'TIME' };
    case `${CONNECT}Timestamp`:
      return { kind: 'TIMESTAMP' };
    default:
      return { kind: isLong ? 'BIGINT' : 'INTEGER' };
  }
}

function numberType(json: Json): SqlType {
  if (json.title !== `${CONNECT}Decimal`) return { kind: 'DOUBLE' };
  const parameters = isObject(json['connect.parameters']) ? json['connect.parameters'] : {};
  const precision = Number(parameters['connect.decimal.precision'] ?? DEFAULT_PRECISION);
  const scale = Number(parameters.scale ?? 0);
  const isSound =
    Number.isInteger(precision) &&
    Number.isInteger(scale) &&
    precision >= 1 &&
    precision <= MOST_DECIMAL_DIGITS &&
    scale >= 0 &&
    scale <= precision;
  if (!isSound)
    throw new SerdeError(
      `the JSON Schema has a decimal of precision ${precision} and scale ${scale}: a precision is from 1 to ${MOST_DECIMAL_DIGITS}, a scale from 0 to the precision`,
    );
  return { kind: 'DECIMAL', precision, scale };
}

/** Not only what must hold besides, as `anyOf: [{required: ['a']}, {required: ['b']}]`. */
function saysType(one: unknown): boolean {
  const words = ['type', '$ref', 'enum', 'const', 'properties', 'items', 'oneOf', 'anyOf', 'allOf'];
  return isObject(one) && words.some((word) => word in one);
}

/** Where no type is given. */
function impliedType(json: Json): string {
  if (Array.isArray(json.enum) || 'const' in json) return 'string';
  if ('properties' in json || 'additionalProperties' in json) return 'object';
  return 'items' in json ? 'array' : 'string';
}

function merged(json: Json, parts: readonly Json[]): Json {
  const { allOf: _, ...rest } = json;
  const all = [rest, ...parts];
  const properties = Object.assign({}, ...all.map((part) => part.properties)) as Json;
  return Object.assign({}, ...all, { properties }) as Json;
}

function indexOf(property: Json): number {
  const index = property['connect.index'];
  return typeof index === 'number' ? index : 0;
}

function pointedAt(document: Json, pointer: string): Json | undefined {
  let at: unknown = document;
  for (const part of pointer.split('/').slice(1)) {
    const name = decoded(part).replaceAll('~1', '/').replaceAll('~0', '~');
    at = isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined;
  }
  return isObject(at) ? at : undefined;
}

/** As it is where it is no URI, and then most likely names nothing. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function parse(text: string): Json {
  try {
    const json: unknown = JSON.parse(text);
    if (isObject(json)) return json;
  } catch {
    // Reported below, without what a parser quotes of the text.
  }
  throw new SerdeError('the JSON Schema is no JSON object');
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
