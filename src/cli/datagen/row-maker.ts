import { Buffer } from 'node:buffer';
import { type Random, randomInt } from '../../base/random.ts';
import { fromPlain, type PlainValue } from '../../data/plain-value.ts';
import type { Column } from '../../data/schema.ts';
import type { SqlType, SqlValue } from '../../data/types.ts';
import { sqlTypeOf } from '../../serde/avro/avro-columns.ts';
import { parseAvro } from '../../serde/avro/parse-avro.ts';
import { SettingsError } from '../settings-error.ts';
import { pick } from './regex-text.ts';
import { bytesOf, lengthMaker, type Make, type Properties, scalarMaker } from './scalar-makers.ts';

type Json = Readonly<Record<string, unknown>>;

/** Collections are short: they are there to be looked at. */
const COLLECTION_LENGTH = [1, 5] as const;

/** Rows of random values as an Avro schema with `arg.properties` describes them. */
export interface RowMaker {
  readonly columns: readonly Column[];
  next(random: Random): readonly SqlValue[];
}

/** Throws SettingsError for what is no Avro schema of a record, and for properties that cannot be followed. */
export function rowMaker(schemaText: string): RowMaker {
  const schema = jsonOf(schemaText);
  const type = sqlTypeOf(parseAvro(schemaText));
  if (type.kind !== 'STRUCT')
    throw new SettingsError('the schema describes no record: its fields would be the columns');
  const make = new Compiler().maker(schema, type);
  return {
    columns: type.fields,
    next: (random) => make(random) as readonly SqlValue[],
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SettingsError(`the schema is no JSON: ${(error as Error).message}`);
  }
}

/**
 * Walks the schema's JSON, which has the properties, beside its SQL type, which says what a value looks like.
 *
 *   schema JSON --+--> parseAvro --> SQL type --+--> maker
 *                 +------ arg.properties -------+
 */
class Compiler {
  /** Named types that were defined further up, by their full names. */
  readonly #named = new Map<string, Json>();
  /** Where names without dots belong, of the record that is walked. */
  #namespace = '';

  maker(schema: unknown, type: SqlType): Make {
    if (Array.isArray(schema)) return this.#union(schema, type);
    if (typeof schema === 'string') {
      const named = this.#namedType(schema);
      return named ? this.maker(named, type) : scalarMaker(schema, type, {});
    }
    const json = schema as Json;
    const outside = this.#namespace;
    if (typeof json.name === 'string') this.#enter(json, json.name);
    const properties = (json['arg.properties'] ?? {}) as Properties;
    const make = properties.options
      ? optionMaker(properties.options, type)
      : this.#ofKind(json, type, properties);
    this.#namespace = outside;
    return make;
  }

  #ofKind(json: Json, type: SqlType, properties: Properties): Make {
    switch (json.type) {
      case 'record':
        return this.#record(json, type);
      case 'enum': {
        const symbols = json.symbols as readonly string[];
        return (random) => pick(random, symbols);
      }
      case 'fixed':
        return type.kind === 'DECIMAL'
          ? scalarMaker('bytes', type, properties)
          : bytesOf(() => json.size as number);
      case 'array':
        return this.#array(json, type, lengthMaker(properties, COLLECTION_LENGTH));
      case 'map':
        return this.#map(json, type, properties);
      default:
        return typeof json.type === 'string' && !this.#namedType(json.type)
          ? scalarMaker(json.type, type, properties)
          : this.maker(json.type, type);
    }
  }

  #record(json: Json, type: SqlType): Make {
    const { fields } = type as Extract<SqlType, { kind: 'STRUCT' }>;
    const makers = (json.fields as readonly Json[]).map((field, index) => {
      try {
        return this.maker(field.type, fields[index]!.type);
      } catch (error) {
        throw new SettingsError(`field ${String(field.name)}: ${(error as Error).message}`);
      }
    });
    return (random) => makers.map((make) => make(random));
  }

  /** Each branch as likely as another, null too. */
  #union(branches: readonly unknown[], type: SqlType): Make {
    const values = branches.filter((branch) => !isNull(branch));
    const isStruct = values.length > 1;
    let at = -1;
    const makers = branches.map((branch): Make => {
      if (isNull(branch)) return () => null;
      at++;
      if (!isStruct) return this.maker(branch, type);
      const { fields } = type as Extract<SqlType, { kind: 'STRUCT' }>;
      const [index, make] = [at, this.maker(branch, fields[at]!.type)];
      return (random) => fields.map((_, field) => (field === index ? make(random) : null));
    });
    return (random) => pick(random, makers)(random);
  }

  #array(json: Json, type: SqlType, length: (random: Random) => number): Make {
    if (type.kind === 'MAP') {
      const entry = this.maker(json.items, { kind: 'STRUCT', fields: entryFields(type) });
      return (random) => new Map(times(length(random), () => entry(random) as [SqlValue, SqlValue]));
    }
    const { element } = type as Extract<SqlType, { kind: 'ARRAY' }>;
    const make = this.maker(json.items, element);
    return (random) => times(length(random), () => make(random));
  }

  #map(json: Json, type: SqlType, properties: Properties & { readonly keys?: Properties }): Make {
    const { key, value } = type as Extract<SqlType, { kind: 'MAP' }>;
    const keyMaker = properties.keys?.options
      ? optionMaker(properties.keys.options, key)
      : scalarMaker('string', key, properties.keys ?? {});
    const valueMaker = this.maker(json.values, value);
    const length = lengthMaker(properties, COLLECTION_LENGTH);
    return (random) => new Map(times(length(random), () => [keyMaker(random), valueMaker(random)] as const));
  }

  #enter(json: Json, name: string): void {
    const dot = name.lastIndexOf('.');
    if (dot >= 0) this.#namespace = name.slice(0, dot);
    else if (typeof json.namespace === 'string') this.#namespace = json.namespace;
    this.#named.set(this.#fullName(name), json);
  }

  #namedType(name: string): Json | undefined {
    return this.#named.get(this.#fullName(name)) ?? this.#named.get(name);
  }

  #fullName(name: string): string {
    return name.includes('.') || this.#namespace === '' ? name : `${this.#namespace}.${name}`;
  }
}

function optionMaker(options: readonly unknown[], type: SqlType): Make {
  if (!Array.isArray(options) || options.length === 0)
    throw new SettingsError('options are a list of at least one value');
  const values = options.map((option) => optionValue(option, type));
  return (random) => values[randomInt(random, values.length)]!;
}

function optionValue(option: unknown, type: SqlType): SqlValue {
  // As Avro has them: numbers of days or milliseconds, bytes as text.
  if (typeof option === 'number' && ['DATE', 'TIME', 'TIMESTAMP'].includes(type.kind)) return option;
  if (typeof option === 'string' && type.kind === 'BYTES') return Buffer.from(option, 'latin1');
  try {
    return fromPlain(type)(option as PlainValue);
  } catch (error) {
    throw new SettingsError(`the option ${JSON.stringify(option)} does not fit: ${(error as Error).message}`);
  }
}

function entryFields({ key, value }: Extract<SqlType, { kind: 'MAP' }>) {
  return [
    { name: 'key', type: key },
    { name: 'value', type: value },
  ];
}

function isNull(branch: unknown): boolean {
  return branch === 'null' || (branch as Json)?.type === 'null';
}

function times<Item>(count: number, make: () => Item): Item[] {
  return Array.from({ length: count }, make);
}
