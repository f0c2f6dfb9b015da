import { isJsonObject, parseExactJson, wholeNumberIn } from '../exact-json.ts';
import { SerdeError } from '../format.ts';
import {
  type Attributes,
  type AvroField,
  type AvroNamed,
  type AvroType,
  branchName,
  namespaceOf,
  PRIMITIVES,
  type PrimitiveKind,
} from './avro-type.ts';
import { logicalTypeOf } from './logical-type.ts';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What the parser reads itself; the rest of an object is attributes. */
const RESERVED = {
  record: ['type', 'name', 'namespace', 'doc', 'fields', 'aliases'],
  enum: ['type', 'name', 'namespace', 'doc', 'symbols', 'default', 'aliases'],
  fixed: ['type', 'name', 'namespace', 'doc', 'size', 'aliases'],
  array: ['type', 'items'],
  map: ['type', 'values'],
  primitive: ['type'],
  field: ['name', 'type', 'doc', 'default', 'order', 'aliases'],
} as const;

/** Reads schemas of the Avro specification 1.12; several texts in one scope of names. Throws SerdeErrors with the place. */
export class AvroParser {
  readonly names = new Map<string, AvroNamed>();

  parse(text: string): AvroType {
    return this.#type(parseText(text), '', '');
  }

  #type(json: unknown, namespace: string, path: string): AvroType {
    if (typeof json === 'string') return this.#reference(json, namespace, path);
    if (Array.isArray(json)) return this.#union(json, namespace, path);
    if (!isJsonObject(json)) throw new SerdeError(`${at(path)} is neither a name, a list nor an object`);
    const { type } = json;
    // {"type": {"type": ...}} and {"type": [...]}: the attributes around it say nothing of the type within.
    if (typeof type !== 'string') {
      if (type === undefined) throw new SerdeError(`${at(path)} has no "type"`);
      return this.#type(type, namespace, path);
    }
    switch (type) {
      case 'record':
      case 'error':
        return this.#record(json, namespace, path);
      case 'enum':
        return this.#enum(json, namespace, path);
      case 'fixed':
        return this.#fixed(json, namespace, path);
      case 'array': {
        if (json.items === undefined) throw new SerdeError(`${at(path)} is an array without "items"`);
        const items = this.#type(json.items, namespace, `${path}/items`);
        return { kind: 'array', items, attributes: attributes(json, 'array') };
      }
      case 'map': {
        if (json.values === undefined) throw new SerdeError(`${at(path)} is a map without "values"`);
        const values = this.#type(json.values, namespace, `${path}/values`);
        return { kind: 'map', values, attributes: attributes(json, 'map') };
      }
      default:
        if (isPrimitive(type))
          return { kind: type, logical: logicalTypeOf(json), attributes: attributes(json, 'primitive') };
        return this.#reference(type, namespace, path);
    }
  }

  #reference(name: string, namespace: string, path: string): AvroType {
    if (isPrimitive(name)) return { kind: name, attributes: {} };
    const found = this.names.get(qualified(name, namespace)) ?? this.names.get(name);
    if (!found) throw new SerdeError(`${at(path)} names the type "${name}", which is not defined`);
    return found;
  }

  #union(json: readonly unknown[], namespace: string, path: string): AvroType {
    const branches = json.map((branch, index) => this.#type(branch, namespace, `${path}/${index}`));
    const seen = new Set<string>();
    for (const branch of branches) {
      if (branch.kind === 'union') throw new SerdeError(`${at(path)} is a union directly in a union`);
      const name = branchName(branch);
      if (seen.has(name)) throw new SerdeError(`${at(path)} is a union with "${name}" twice`);
      seen.add(name);
    }
    return { kind: 'union', branches };
  }

  #record(json: Json, namespace: string, path: string): AvroType {
    const fields: AvroField[] = [];
    const head = this.#head(json, namespace, path, 'record');
    const record = { kind: 'record', isError: json.type === 'error', ...head, fields } as const;
    this.#define(record, path);
    if (!Array.isArray(json.fields))
      throw new SerdeError(`${at(path)} is a record without a list of "fields"`);
    const inner = namespaceOf(head.fullName);
    const seen = new Set<string>();
    json.fields.forEach((field: unknown, index) => {
      const parsed = this.#field(field, inner, `${path}/fields/${index}`);
      if (seen.has(parsed.name)) throw new SerdeError(`${at(path)} has the field "${parsed.name}" twice`);
      seen.add(parsed.name);
      fields.push(parsed);
    });
    return record;
  }

  #field(json: unknown, namespace: string, path: string): AvroField {
    if (!isJsonObject(json)) throw new SerdeError(`${at(path)} is no field: it is not an object`);
    const name = identifier(json.name, path);
    if (json.type === undefined) throw new SerdeError(`${at(path)} is a field "${name}" without a type`);
    const type = this.#type(json.type, namespace, `${path}/type`);
    const order = json.order ?? 'ascending';
    if (order !== 'ascending' && order !== 'descending' && order !== 'ignore')
      throw new SerdeError(`${at(path)} has the order ${JSON.stringify(order)}`);
    const fallback = 'default' in json ? { value: json.default } : undefined;
    const aliases = textList(json.aliases, path, 'aliases');
    return { name, type, doc: doc(json), fallback, order, aliases, attributes: attributes(json, 'field') };
  }

  #enum(json: Json, namespace: string, path: string): AvroType {
    const head = this.#head(json, namespace, path, 'enum');
    if (!Array.isArray(json.symbols))
      throw new SerdeError(`${at(path)} is an enum without a list of "symbols"`);
    const symbols = json.symbols.map((symbol) => identifier(symbol, `${path}/symbols`));
    if (new Set(symbols).size < symbols.length) throw new SerdeError(`${at(path)} has a symbol twice`);
    const fallback = json.default;
    if (fallback !== undefined && !symbols.includes(fallback as string))
      throw new SerdeError(
        `${at(path)} has a default that is none of its symbols: ${JSON.stringify(fallback)}`,
      );
    const type = { kind: 'enum', ...head, symbols, fallback: fallback as string | undefined } as const;
    return this.#define(type, path);
  }

  #fixed(json: Json, namespace: string, path: string): AvroType {
    const head = this.#head(json, namespace, path, 'fixed');
    const size = wholeNumberIn(json.size);
    if (size === undefined || size < 0n) throw new SerdeError(`${at(path)} is a fixed without a "size"`);
    return this.#define({ kind: 'fixed', ...head, size: Number(size), logical: logicalTypeOf(json) }, path);
  }

  #head(json: Json, namespace: string, path: string, kind: 'record' | 'enum' | 'fixed') {
    if (typeof json.name !== 'string' || json.name === '') throw new SerdeError(`${at(path)} has no name`);
    const own = typeof json.namespace === 'string' ? json.namespace : namespace;
    const fullName = qualified(json.name, own);
    for (const part of fullName.split('.')) identifier(part, path);
    const inner = namespaceOf(fullName);
    const aliases = textList(json.aliases, path, 'aliases').map((alias) => qualified(alias, inner));
    return { fullName, aliases, doc: doc(json), attributes: attributes(json, kind) };
  }

  #define<Type extends AvroNamed>(type: Type, path: string): Type {
    const { fullName } = type;
    if (isPrimitive(fullName)) throw new SerdeError(`${at(path)} takes the name of the type "${fullName}"`);
    if (this.names.has(fullName)) throw new SerdeError(`${at(path)} defines "${fullName}" a second time`);
    this.names.set(fullName, type);
    return type;
  }
}

type Json = Readonly<Record<string, unknown>>;

/** A primitive type may stand alone without its quotes. */
function parseText(text: string): unknown {
  const bare = text.trim();
  if (isPrimitive(bare)) return bare;
  try {
    return parseExactJson(text);
  } catch (error) {
    if (error instanceof RangeError) throw error;
    throw new SerdeError(`the schema is no JSON: ${(error as Error).message}`);
  }
}

function isPrimitive(name: string): name is PrimitiveKind {
  return (PRIMITIVES as readonly string[]).includes(name);
}

function qualified(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name.replace(/^\./, '') : `${namespace}.${name}`;
}

function identifier(name: unknown, path: string): string {
  if (typeof name === 'string' && NAME.test(name)) return name;
  throw new SerdeError(`${at(path)} has the illegal name ${JSON.stringify(name)}`);
}

function doc({ doc }: Json): string | undefined {
  return typeof doc === 'string' ? doc : undefined;
}

function attributes(json: Json, kind: keyof typeof RESERVED): Attributes {
  const reserved: readonly string[] = RESERVED[kind];
  return Object.fromEntries(Object.entries(json).filter(([name]) => !reserved.includes(name)));
}

function textList(value: unknown, path: string, what: string): readonly string[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw new SerdeError(`${at(path)} has ${what} that are not a list of texts`);
}

function at(path: string): string {
  return path === '' ? 'the schema' : `'${path}'`;
}
