import avsc from 'avsc';
import { formatDouble } from '../../../src/data/java-double.ts';
import { isArray, isObject, type Json, JsonDouble, JsonNumber } from './json-text.ts';

// Avro by a library of its own, so that a fault in src/serde cannot hide behind its own mirror image.

/** A schema as JSON, with names that other schemas define. */
type Schema = string | readonly Schema[] | { readonly [name: string]: unknown };

export class AvroValues {
  readonly #type: avsc.Type;
  readonly #schema: Schema;
  readonly #named = new Map<string, Schema>();

  constructor(schema: string, references: readonly string[]) {
    const registry: { [name: string]: avsc.Type } = {};
    let type: avsc.Type | undefined;
    for (const text of [...references, schema]) {
      type = avsc.Type.forSchema(parse(text) as avsc.Schema, {
        registry,
        typeHook: exactLongs,
        wrapUnions: true,
      });
      this.#collect(parse(text), '');
    }
    this.#type = type as avsc.Type;
    this.#schema = parse(schema);
  }

  encode(value: Json): Buffer {
    return this.#type.toBuffer(this.#toAvro(value, this.#schema, ''));
  }

  decode(bytes: Buffer): Json {
    return this.#fromAvro(this.#type.fromBuffer(bytes), this.#schema, '');
  }

  #toAvro(value: Json, given: Schema, namespace: string): unknown {
    const { schema, within } = this.#resolve(given, namespace);
    if (isArray(schema as Json)) return this.#toUnion(value, schema as readonly Schema[], within);
    const object = schema as { readonly [name: string]: unknown };
    switch (object.type) {
      case 'null':
        return null;
      case 'boolean':
        return value === true || value === 'true';
      case 'int':
        return Math.trunc(Number(textOf(value)));
      case 'long':
        return BigInt(textOf(value).replace(/\..*$/, ''));
      case 'float':
      case 'double':
        return Number(textOf(value));
      case 'bytes':
        return object.logicalType === 'decimal'
          ? twosComplement(unscaled(textOf(value), Number(object.scale ?? 0)))
          : Buffer.from(textOf(value), 'base64');
      case 'fixed':
        return Buffer.from(textOf(value), 'base64');
      case 'string':
      case 'enum':
        return textOf(value);
      case 'array':
        if (isObject(value))
          return Object.entries(value).map(([key, item]) =>
            this.#toAvro({ key, value: item }, object.items as Schema, within),
          );
        return (value as readonly Json[]).map((item) => this.#toAvro(item, object.items as Schema, within));
      case 'map':
        return Object.fromEntries(
          Object.entries(value as object).map(([name, item]) => [
            name,
            this.#toAvro(item as Json, object.values as Schema, within),
          ]),
        );
      case 'record': {
        const fields = object.fields as readonly { readonly name: string; readonly type: Schema }[];
        return Object.fromEntries(
          fields.map(({ name, type }) => [name, this.#toAvro(fieldOf(value, name), type, within)]),
        );
      }
      default:
        throw new Error(`no values of ${JSON.stringify(schema)}`);
    }
  }

  #toUnion(value: Json, branches: readonly Schema[], namespace: string): unknown {
    if (value === null) return null;
    const branch = branches.find((one) => one !== 'null') as Schema;
    return { [this.#branchName(branch, namespace)]: this.#toAvro(value, branch, namespace) };
  }

  #fromAvro(value: unknown, given: Schema, namespace: string): Json {
    const { schema, within } = this.#resolve(given, namespace);
    if (value === null) return null;
    if (isArray(schema as Json)) {
      const [name, item] = Object.entries(value as object)[0] as [string, unknown];
      const branches = schema as readonly Schema[];
      const branch = branches.find((one) => one !== 'null' && this.#branchName(one, within) === name);
      return this.#fromAvro(item, branch as Schema, within);
    }
    const object = schema as { readonly [name: string]: unknown };
    switch (object.type) {
      case 'boolean':
        return value as boolean;
      case 'int':
      case 'long':
        return new JsonNumber(String(value));
      case 'float':
      case 'double':
        return new JsonDouble(formatDouble(value as number));
      case 'bytes':
      case 'fixed':
        return object.logicalType === 'decimal'
          ? new JsonNumber(scaled(value as Buffer, Number(object.scale ?? 0)))
          : (value as Buffer).toString('base64');
      case 'array': {
        const items = (value as readonly unknown[]).map((item) =>
          this.#fromAvro(item, object.items as Schema, within),
        );
        return isEntries(this.#resolve(object.items as Schema, within).schema)
          ? Object.fromEntries(
              (items as unknown as readonly { key: Json; value: Json }[]).map((entry) => [
                String(entry.key),
                entry.value,
              ]),
            )
          : items;
      }
      case 'map':
        return Object.fromEntries(
          Object.entries(value as object).map(([name, item]) => [
            name,
            this.#fromAvro(item, object.values as Schema, within),
          ]),
        );
      case 'record': {
        const fields = object.fields as readonly { readonly name: string; readonly type: Schema }[];
        const row = value as { readonly [name: string]: unknown };
        return Object.fromEntries(
          fields.map(({ name, type }) => [name, this.#fromAvro(row[name], type, within)]),
        );
      }
      default:
        return String(value);
    }
  }

  #collect(schema: Schema, namespace: string): void {
    if (typeof schema === 'string') return;
    if (isArray(schema as Json)) {
      for (const branch of schema as readonly Schema[]) this.#collect(branch, namespace);
      return;
    }
    const object = schema as { readonly [name: string]: unknown };
    const within = namespaceOf(object, namespace);
    if (typeof object.name === 'string') this.#named.set(fullName(object, namespace), schema);
    for (const field of (object.fields ?? []) as readonly { readonly type: Schema }[])
      this.#collect(field.type, within);
    for (const inner of [object.items, object.values, object.type])
      if (inner !== undefined) this.#collect(inner as Schema, within);
  }

  #resolve(schema: Schema, namespace: string): { readonly schema: Schema; readonly within: string } {
    if (typeof schema === 'string') {
      const named =
        this.#named.get(schema) ?? this.#named.get(namespace === '' ? schema : `${namespace}.${schema}`);
      return named ? this.#resolve(named, namespace) : { schema: { type: schema }, within: namespace };
    }
    if (isArray(schema as Json)) return { schema, within: namespace };
    const object = schema as { readonly [name: string]: unknown };
    const { type } = object;
    if (typeof type === 'object') return this.#resolve(type as Schema, namespace);
    return { schema, within: namespaceOf(object, namespace) };
  }

  #branchName(branch: Schema, namespace: string): string {
    const object = this.#resolve(branch, namespace).schema as { readonly [name: string]: unknown };
    if (typeof branch === 'string' && typeof object.name === 'string')
      return this.#named.has(branch) ? branch : `${namespace}.${branch}`;
    return typeof object.name === 'string' && ['record', 'enum', 'fixed'].includes(String(object.type))
      ? fullName(object, namespace)
      : String(object.type);
  }
}

function fullName(object: { readonly [name: string]: unknown }, enclosing: string): string {
  const name = String(object.name);
  const namespace = typeof object.namespace === 'string' ? object.namespace : enclosing;
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
}

function namespaceOf(object: { readonly [name: string]: unknown }, enclosing: string): string {
  if (typeof object.name !== 'string') return enclosing;
  const full = fullName(object, enclosing);
  return full.slice(0, Math.max(0, full.lastIndexOf('.')));
}

function isEntries(schema: Schema): boolean {
  const { fields } = schema as { readonly fields?: readonly { readonly name: string }[] };
  return fields?.length === 2 && fields[0]?.name === 'key' && fields[1]?.name === 'value';
}

function parse(text: string): Schema {
  return (
    text.trim().startsWith('{') || text.trim().startsWith('[') || text.trim().startsWith('"')
      ? JSON.parse(text)
      : text
  ) as Schema;
}

function fieldOf(value: Json, name: string): Json {
  if (!isObject(value)) return null;
  const found = Object.keys(value).find((key) => key.toUpperCase() === name.toUpperCase());
  return found === undefined ? null : (value[found] as Json);
}

function textOf(value: Json): string {
  return value instanceof JsonNumber ? value.text : String(value);
}

function unscaled(text: string, scale: number): bigint {
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  return BigInt(`${sign}${whole}${fraction.padEnd(scale, '0').slice(0, scale)}`);
}

function scaled(bytes: Buffer, scale: number): string {
  const value =
    bytes.length === 0 ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`));
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  const at = digits.length - scale;
  return `${value < 0n ? '-' : ''}${digits.slice(0, at)}${scale > 0 ? '.' : ''}${digits.slice(at)}`;
}

function twosComplement(value: bigint): Buffer {
  let size = 1;
  while (BigInt.asIntN(size * 8, value) !== value) size++;
  return Buffer.from(
    BigInt.asUintN(size * 8, value)
      .toString(16)
      .padStart(size * 2, '0'),
    'hex',
  );
}

/** Numbers beyond 2^53 as they are. */
const LONGS = avsc.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
});

function exactLongs(schema: avsc.Schema): avsc.Type | undefined {
  const type = typeof schema === 'object' && schema !== null ? (schema as { type?: unknown }).type : schema;
  return type === 'long' ? LONGS : undefined;
}
