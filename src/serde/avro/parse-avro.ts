import { MOST_DECIMAL_DIGITS } from '../../data/decimal.ts';
import type { SchemaImport } from '../../data/writer-schema.ts';
import { SerdeError } from '../format.ts';
import {
  type AvroField,
  type AvroType,
  branchName,
  type LogicalType,
  PRIMITIVES,
  type PrimitiveKind,
} from './avro-type.ts';

/** What Kafka Connect takes where a decimal does not say its precision. */
const DEFAULT_PRECISION = 64;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

type Json = Record<string, unknown>;

/** Parses a schema's text, and before it those that it refers to. Throws SerdeError for what is no Avro schema. */
export function parseAvro(text: string, imports: readonly SchemaImport[] = []): AvroType {
  const parser = new AvroParser();
  try {
    for (const { schema } of imports) parser.parse(jsonOf(schema), '');
    return parser.parse(jsonOf(text), '');
  } catch (error) {
    if (error instanceof RangeError) throw new SerdeError('the Avro schema is nested too deeply');
    throw error;
  }
}

/** A primitive's bare name is taken too: schemas are often given so, which is no JSON. */
function jsonOf(text: string): unknown {
  const bare = text.trim();
  if (isPrimitive(bare)) return bare;
  try {
    return JSON.parse(text);
  } catch {
    throw new SerdeError('the Avro schema is no JSON');
  }
}

class AvroParser {
  readonly #named = new Map<string, AvroType>();

  parse(json: unknown, namespace: string): AvroType {
    if (typeof json === 'string') return this.#reference(json, namespace);
    if (Array.isArray(json)) return this.#union(json, namespace);
    if (json === null || typeof json !== 'object')
      throw new SerdeError(`an Avro schema is a name, a list or an object, not ${JSON.stringify(json)}`);
    return this.#object(json as Json, namespace);
  }

  #reference(name: string, namespace: string): AvroType {
    if (isPrimitive(name)) return { kind: name };
    const found = this.#named.get(fullNameOf(name, namespace)) ?? this.#named.get(name);
    if (!found) throw new SerdeError(`Avro type ${name} is not defined`);
    return found;
  }

  #union(branches: readonly unknown[], namespace: string): AvroType {
    const types = branches.map((branch) => this.parse(branch, namespace));
    const names = new Set<string>();
    for (const type of types) {
      if (type.kind === 'union') throw new SerdeError('an Avro union holds another one directly');
      if (names.has(branchName(type)))
        throw new SerdeError(`an Avro union has two branches of type ${branchName(type)}`);
      names.add(branchName(type));
    }
    return { kind: 'union', branches: types };
  }

  #object(json: Json, namespace: string): AvroType {
    const { type } = json;
    switch (type) {
      case 'record':
      case 'error':
        return this.#record(json, namespace);
      case 'enum':
        return this.#enum(json, namespace);
      case 'fixed':
        return this.#fixed(json, namespace);
      case 'array':
        return { kind: 'array', items: this.parse(json.items, namespace) };
      case 'map':
        return { kind: 'map', values: this.parse(json.values, namespace) };
    }
    if (typeof type === 'string' && isPrimitive(type)) {
      const logical = logicalOf(json);
      return { kind: type, ...(logical && { logical }) };
    }
    return this.parse(type, namespace);
  }

  #record(json: Json, namespace: string): AvroType {
    const name = nameOf(json, namespace);
    const fields: AvroField[] = [];
    const record = { kind: 'record', name, aliases: aliasesOf(json, name), fields } as const;
    this.#define(name, record);
    if (!Array.isArray(json.fields)) throw new SerdeError(`Avro record ${name} has no list of fields`);
    const seen = new Set<string>();
    for (const field of json.fields as Json[]) {
      const fieldName = field?.name;
      if (typeof fieldName !== 'string' || !NAME.test(fieldName))
        throw new SerdeError(`Avro record ${name} has a field with the name ${JSON.stringify(fieldName)}`);
      if (seen.has(fieldName)) throw new SerdeError(`Avro record ${name} has two fields ${fieldName}`);
      seen.add(fieldName);
      fields.push({
        name: fieldName,
        aliases: Array.isArray(field.aliases) ? field.aliases.map(String) : [],
        type: this.parse(field.type, namespaceOf(name)),
        ...('default' in field && { default: field.default }),
      });
    }
    return record;
  }

  #enum(json: Json, namespace: string): AvroType {
    const name = nameOf(json, namespace);
    const { symbols } = json;
    if (!Array.isArray(symbols) || symbols.length === 0 || new Set(symbols).size !== symbols.length)
      throw new SerdeError(`Avro enum ${name} needs different symbols`);
    for (const symbol of symbols)
      if (typeof symbol !== 'string' || !NAME.test(symbol))
        throw new SerdeError(`Avro enum ${name} has the symbol ${JSON.stringify(symbol)}`);
    return this.#define(name, {
      kind: 'enum',
      name,
      aliases: aliasesOf(json, name),
      symbols,
      ...(typeof json.default === 'string' && { default: json.default }),
    });
  }

  #fixed(json: Json, namespace: string): AvroType {
    const name = nameOf(json, namespace);
    const { size } = json;
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
      throw new SerdeError(`Avro fixed ${name} needs a size from 0 on`);
    const logical = logicalOf(json);
    return this.#define(name, {
      kind: 'fixed',
      name,
      aliases: aliasesOf(json, name),
      size,
      ...(logical && { logical }),
    });
  }

  #define(name: string, type: AvroType): AvroType {
    if (this.#named.has(name)) throw new SerdeError(`Avro type ${name} is defined twice`);
    this.#named.set(name, type);
    return type;
  }
}

/** A logical type that makes no sense, as decimals of endless digits do, is as if it was not there, as the specification says. */
function logicalOf({ type, logicalType, precision, scale, size }: Json): LogicalType | undefined {
  if (typeof logicalType !== 'string') return undefined;
  if (logicalType !== 'decimal') return { name: logicalType, precision: 0, scale: 0 };
  const digits = precision ?? DEFAULT_PRECISION;
  const decimals = scale ?? 0;
  const isSound =
    (type === 'bytes' || size !== undefined) &&
    typeof digits === 'number' &&
    typeof decimals === 'number' &&
    Number.isSafeInteger(digits) &&
    Number.isSafeInteger(decimals) &&
    decimals >= 0 &&
    decimals <= digits &&
    digits >= 1 &&
    digits <= MOST_DECIMAL_DIGITS;
  return isSound ? { name: 'decimal', precision: digits, scale: decimals } : undefined;
}

function isPrimitive(name: string): name is PrimitiveKind {
  return (PRIMITIVES as readonly string[]).includes(name);
}

function nameOf(json: Json, enclosing: string): string {
  const { name, namespace } = json;
  if (typeof name !== 'string') throw new SerdeError(`an Avro ${json.type} has no name`);
  const full = fullNameOf(name, typeof namespace === 'string' ? namespace : enclosing);
  for (const part of full.split('.'))
    if (!NAME.test(part)) throw new SerdeError(`${JSON.stringify(full)} is no name for an Avro ${json.type}`);
  return full;
}

function aliasesOf({ aliases }: Json, name: string): string[] {
  return Array.isArray(aliases) ? aliases.map((alias) => fullNameOf(String(alias), namespaceOf(name))) : [];
}

function fullNameOf(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
}

function namespaceOf(fullName: string): string {
  const dot = fullName.lastIndexOf('.');
  return dot < 0 ? '' : fullName.slice(0, dot);
}
