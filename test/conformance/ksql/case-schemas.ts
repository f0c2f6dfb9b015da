import { MemorySchemaRegistry } from '../../../src/serde/memory-schema-registry.ts';
import type { SchemaReference, SchemaType } from '../../../src/serde/schema-registry.ts';
import type { ParsedStatement } from '../../../src/sql/ast.ts';
import { AvroValues } from './avro-values.ts';
import type { Case } from './expand.ts';
import { readWithSchema } from './json-schema-values.ts';
import {
  isArray,
  isObject,
  type Json,
  JsonNumber,
  type JsonObject,
  parseJson,
  writeJson,
} from './json-text.ts';
import { ProtobufValues } from './protobuf-values.ts';

type Part = 'key' | 'value';
const PARTS: readonly Part[] = ['key', 'value'];

/** The schema registry of one case, as its topics fill it, and values in its formats. */
export class CaseSchemas {
  readonly registry = new MemorySchemaRegistry();
  readonly #topics: readonly JsonObject[];
  readonly #declared = new Set<JsonObject>();

  constructor({ topics }: Case) {
    this.#topics = topics;
    // What names an id is there from the beginning, so that it gets it.
    for (const topic of topics)
      for (const part of PARTS) {
        const id = topic[`${part}SchemaId`];
        if (id instanceof JsonNumber && topic[`${part}Schema`] !== undefined)
          this.#register(topic, part, Number(id.text));
      }
  }

  /** The schemas of a statement's topic come to be when the statement's turn has come. */
  before({ statement }: ParsedStatement): void {
    if (statement.kind !== 'createSource' && statement.kind !== 'createAs') return;
    const named = statement.properties.find(({ name }) => name.toUpperCase() === 'KAFKA_TOPIC')?.value;
    const name = named?.kind === 'string' ? named.value : statement.name;
    for (const topic of this.#topics) {
      if (topic.name !== name || this.#declared.has(topic)) continue;
      this.#declared.add(topic);
      for (const part of PARTS)
        if (topic[`${part}Schema`] !== undefined && topic[`${part}SchemaId`] === undefined)
          this.#register(topic, part, undefined);
    }
  }

  /** `fullName`: which of its messages a PROTOBUF schema is taken for. */
  async encode(value: Json, format: string, subject: string, fullName?: string): Promise<Buffer> {
    const latest = await this.registry.latest(subject);
    if (!latest) throw new Error(`no schema of ${subject}`);
    const { schema, references } = latest;
    const body =
      format === 'AVRO'
        ? new AvroValues(schema, await this.#texts(references)).encode(value)
        : format === 'PROTOBUF'
          ? new ProtobufValues(schema, await this.#texts(references)).encodePlaced(value, fullName)
          : Buffer.from(writeJson(value));
    const prefix = Buffer.alloc(5);
    prefix.writeInt32BE(latest.id, 1);
    return Buffer.concat([prefix, body]);
  }

  async decode(bytes: Buffer, format: string): Promise<Json> {
    const schema = await this.registry.byId(bytes.readInt32BE(1));
    if (bytes[0] !== 0 || !schema)
      throw new Error(`a record without a registered schema: ${bytes.toString('hex')}`);
    const body = bytes.subarray(5);
    if (format === 'PROTOBUF')
      return new ProtobufValues(schema.schema, await this.#texts(schema.references)).decodePlaced(body);
    return format === 'AVRO'
      ? new AvroValues(schema.schema, await this.#texts(schema.references)).decode(body)
      : readWithSchema(parseJson(body.toString()), parseJson(schema.schema));
  }

  async #texts(references: readonly SchemaReference[]): Promise<string[]> {
    const texts = references.map(async ({ subject, version }) => {
      const found = await this.registry.version(subject, version);
      return found ? [...(await this.#texts(found.references)), found.schema] : [];
    });
    return (await Promise.all(texts)).flat();
  }

  #register(topic: JsonObject, part: Part, id: number | undefined): void {
    const type = typeOf(String(topic[`${part}Format`] ?? 'AVRO'));
    const given = (topic[`${part}SchemaReferences`] ?? []) as readonly JsonObject[];
    const references = given.map(({ name }) => ({ name: String(name), subject: String(name), version: 1 }));
    const schema = schemaText(topic[`${part}Schema`] ?? null);
    // Before what it refers to: the first schema of a case has id 1.
    this.registry.registerAs(`${topic.name}-${part}`, { type, schema, references }, id);
    for (const reference of given)
      this.registry.registerAs(String(reference.name), {
        type,
        schema: schemaText(reference.schema ?? null),
        references: [],
      });
  }
}

function schemaText(schema: Json): string {
  if (isObject(schema) || isArray(schema)) return writeJson(schema);
  return String(schema);
}

function typeOf(format: string): SchemaType {
  if (format.startsWith('PROTOBUF')) return 'PROTOBUF';
  return format.startsWith('JSON') ? 'JSON' : 'AVRO';
}
