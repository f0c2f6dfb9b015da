import { AvroParser } from '../../serde/avro/avro-parser.ts';
import type { AvroRecord, AvroType } from '../../serde/avro/avro-type.ts';
import type { ParsedSchema, SchemaParser } from '../parsed-schema.ts';
import { checkDefaults } from './avro-defaults.ts';
import { printAvro } from './avro-printer.ts';
import { avroIncompatibilities } from './avro-resolution.ts';

class AvroSchema implements ParsedSchema {
  readonly type = 'AVRO';
  readonly #root: AvroType;
  /** Names that references bring. */
  readonly #known: ReadonlySet<string>;
  readonly text: string;

  constructor(root: AvroType, known: ReadonlySet<string>) {
    this.#root = root;
    this.#known = known;
    this.text = printAvro(root, { known, normalized: false });
  }

  get normalized(): string {
    return printAvro(this.#root, { known: this.#known, normalized: true });
  }

  cannotRead(writer: ParsedSchema) {
    return avroIncompatibilities(this.#root, (writer as AvroSchema).#root);
  }

  hasField(name: string): boolean {
    let records = recordsIn(this.#root);
    const path = name.split('.');
    const fieldsNamed = (wanted: string) =>
      [...records].flatMap(({ fields }) => fields.filter((field) => field.name === wanted));
    for (const part of path.slice(0, -1))
      records = new Set(fieldsNamed(part).flatMap(({ type }) => [...recordsIn(type)]));
    return fieldsNamed(path.at(-1)!).length > 0;
  }

  /** `resolved`: with everything it refers to. */
  formatted(format: string): string | undefined {
    if (format !== 'resolved') return undefined;
    return printAvro(this.#root, { known: new Set(), normalized: false });
  }
}

function recordsIn(type: AvroType): Set<AvroRecord> {
  switch (type.kind) {
    case 'record':
      return new Set([type]);
    case 'union':
      return new Set(type.branches.flatMap((branch) => [...recordsIn(branch)]));
    case 'array':
      return recordsIn(type.items);
    case 'map':
      return recordsIn(type.values);
    default:
      return new Set();
  }
}

export const parseAvro: SchemaParser = (text, references) => {
  const parser = new AvroParser();
  const parse = (schema: string) => {
    const type = parser.parse(schema);
    checkDefaults(type);
    return type;
  };
  for (const { schema } of references) parse(schema);
  const known = new Set(parser.names.keys());
  return new AvroSchema(parse(text), known);
};
