import {
  type AvroEnum,
  type AvroField,
  type AvroRecord,
  type AvroType,
  kindAndName,
  simpleName,
} from '../../serde/avro/avro-type.ts';
import { PairMemo } from '../pair-memo.ts';
import type { Incompatibility } from '../parsed-schema.ts';

/** What a reader of the left type also reads. Avro specification 1.12, schema resolution. */
const PROMOTIONS: Readonly<Record<string, readonly string[]>> = {
  long: ['int'],
  float: ['int', 'long'],
  double: ['int', 'long', 'float'],
  string: ['bytes'],
  bytes: ['string'],
};

/** Why data written with one schema cannot be read with another; empty when every value of it can. */
export function avroIncompatibilities(reader: AvroType, writer: AvroType): Incompatibility[] {
  return new Resolution().compare(reader, writer, '');
}

/** The rules of schema resolution, for all values a writer may write at once. */
class Resolution {
  readonly #memo = new PairMemo<AvroType, Incompatibility>();

  compare(reader: AvroType, writer: AvroType, path: string): Incompatibility[] {
    return this.#memo.compare(reader, writer, () => this.#compare(reader, writer, path));
  }

  #compare(reader: AvroType, writer: AvroType, path: string): Incompatibility[] {
    if (writer.kind === 'union')
      return writer.branches.flatMap((branch, index) => this.#branch(reader, branch, `${path}/${index}`));
    if (reader.kind === 'union') return this.#branch(reader, writer, path);
    switch (reader.kind) {
      case 'record':
        return writer.kind === 'record'
          ? this.#records(reader, writer, path)
          : typeMismatch(reader, writer, path);
      case 'enum':
        return writer.kind === 'enum'
          ? this.#enums(reader, writer, path)
          : typeMismatch(reader, writer, path);
      case 'fixed':
        if (writer.kind !== 'fixed') return typeMismatch(reader, writer, path);
        if (reader.size !== writer.size)
          return [
            {
              rule: 'FIXED_SIZE_MISMATCH',
              path: `${path}/size`,
              reason: `The fixed type ${reader.fullName} has ${reader.size} bytes for the reader and ${writer.size} for the writer`,
            },
          ];
        return names(reader, writer, path);
      case 'array':
        return writer.kind === 'array'
          ? this.compare(reader.items, writer.items, `${path}/items`)
          : typeMismatch(reader, writer, path);
      case 'map':
        return writer.kind === 'map'
          ? this.compare(reader.values, writer.values, `${path}/values`)
          : typeMismatch(reader, writer, path);
      default: {
        const fits = reader.kind === writer.kind || PROMOTIONS[reader.kind]?.includes(writer.kind);
        return fits ? [] : typeMismatch(reader, writer, path);
      }
    }
  }

  /** One type of the writer against all the reader offers. */
  #branch(reader: AvroType, writer: AvroType, path: string): Incompatibility[] {
    if (reader.kind !== 'union') return this.compare(reader, writer, path);
    if (reader.branches.some((branch) => this.compare(branch, writer, path).length === 0)) return [];
    const offered = reader.branches.map(kindAndName).join(', ');
    return [
      {
        rule: 'MISSING_UNION_BRANCH',
        path,
        reason: `The reader's union (${offered}) has nothing that reads the writer's ${kindAndName(writer)}`,
      },
    ];
  }

  #records(reader: AvroRecord, writer: AvroRecord, path: string): Incompatibility[] {
    const places = new Map(writer.fields.map(({ name }, index) => [name, index]));
    const fields = reader.fields.flatMap((field, index) =>
      this.#field(reader, field, writtenField(field, writer, places), `${path}/fields/${index}`),
    );
    return [...names(reader, writer, path), ...fields];
  }

  #field(
    reader: AvroRecord,
    field: AvroField,
    written: AvroField | undefined,
    path: string,
  ): Incompatibility[] {
    if (written) return this.compare(field.type, written.type, `${path}/type`);
    if (field.fallback) return [];
    return [
      {
        rule: 'READER_FIELD_MISSING_DEFAULT_VALUE',
        path,
        reason: `The field '${field.name}' of ${reader.fullName} has no default value for the reader, and the writer does not have it`,
      },
    ];
  }

  #enums(reader: AvroEnum, writer: AvroEnum, path: string): Incompatibility[] {
    const known = new Set(reader.symbols);
    const unknown = writer.symbols.filter((symbol) => !known.has(symbol));
    if (unknown.length === 0 || reader.fallback !== undefined) return names(reader, writer, path);
    return [
      ...names(reader, writer, path),
      {
        rule: 'MISSING_ENUM_SYMBOLS',
        path: `${path}/symbols`,
        reason: `The reader's enum ${reader.fullName} has no default and lacks symbols of the writer: ${unknown.join(', ')}`,
      },
    ];
  }
}

/** By its name, or by one that the reader knows it under as well. */
function writtenField(
  { name, aliases }: AvroField,
  { fields }: AvroRecord,
  places: ReadonlyMap<string, number>,
): AvroField | undefined {
  const place = places.get(name) ?? Math.min(...aliases.map((alias) => places.get(alias) ?? fields.length));
  return fields[place];
}

/** Names are compared without their namespaces, as the specification has it; an alias is a full name. */
function names(
  reader: AvroType & { readonly fullName: string; readonly aliases: readonly string[] },
  writer: AvroType & { readonly fullName: string },
  path: string,
): Incompatibility[] {
  const isSame = simpleName(reader.fullName) === simpleName(writer.fullName);
  if (isSame || reader.aliases.includes(writer.fullName)) return [];
  return [
    {
      rule: 'NAME_MISMATCH',
      path: `${path}/name`,
      reason: `The reader's ${reader.kind} is named ${reader.fullName}, the writer's ${writer.fullName}, and no alias says that they are the same`,
    },
  ];
}

function typeMismatch(reader: AvroType, writer: AvroType, path: string): Incompatibility[] {
  const reason = `The reader expects ${kindAndName(reader)} and the writer writes ${kindAndName(writer)}`;
  return [{ rule: 'TYPE_MISMATCH', path, reason }];
}
