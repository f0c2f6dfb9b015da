import type { SchemaType } from '../serde/schema-registry.ts';
import { parseAvro } from './avro/avro-schema.ts';
import { parseJsonSchema } from './json/json-schema.ts';
import type { ParsedSchema, ReferencedText, SchemaParser } from './parsed-schema.ts';
import { parseProtobuf } from './protobuf/protobuf-schema.ts';
import { invalidSchema } from './registry-error.ts';

const PARSERS: Record<SchemaType, SchemaParser> = {
  AVRO: parseAvro,
  JSON: parseJsonSchema,
  PROTOBUF: parseProtobuf,
};

const KEPT = 1_000;

/** Texts become schemas here; those parsed lately are kept. */
export class Languages {
  readonly #parsed = new Map<string, ParsedSchema>();

  /** Throws 42201. */
  parse(type: SchemaType, text: string, references: readonly ReferencedText[]): ParsedSchema {
    const key = JSON.stringify([type, text, references]);
    const known = this.#parsed.get(key);
    if (known) {
      this.#parsed.delete(key);
      this.#parsed.set(key, known);
      return known;
    }
    const parsed = parse(type, text, references);
    this.#parsed.set(key, parsed);
    if (this.#parsed.size > KEPT) this.#parsed.delete(this.#parsed.keys().next().value!);
    return parsed;
  }
}

function parse(type: SchemaType, text: string, references: readonly ReferencedText[]): ParsedSchema {
  const parser = PARSERS[type];
  if (!parser)
    throw invalidSchema(`Invalid schema type ${type}: known are ${Object.keys(PARSERS).join(', ')}`);
  try {
    return parser(text, references);
  } catch (error) {
    const reason = error instanceof RangeError ? 'it is nested too deeply' : (error as Error).message;
    throw invalidSchema(`Invalid schema of type ${type}, details: ${reason}`);
  }
}
