import type { Incompatibility } from '../parsed-schema.ts';
import { fieldsOf, isScalar, type ProtoField, type ProtoMessage, type ProtoOneof } from './proto-model.ts';
import { joined, type ProtoScope, type ProtoType } from './proto-scope.ts';

/** The messages whose fields are compared, in which names of types are looked up. */
interface Scopes {
  readonly reader: string;
  readonly writer: string;
}

/** Scalars whose bytes a reader of another one of the group takes, as Protobuf's guide to updating a message has it. */
const SAME_BYTES = [
  ['int32', 'uint32', 'int64', 'uint64', 'bool', 'enum'],
  ['sint32', 'sint64'],
  ['string', 'bytes'],
  ['fixed32', 'sfixed32'],
  ['fixed64', 'sfixed64'],
];

/**
 * Why messages of the writer cannot be read with the reader's file; empty when they can. Messages are found by their
 * names without the package, fields by their numbers: neither packages nor names of fields travel.
 */
export function protoIncompatibilities(reader: ProtoScope, writer: ProtoScope): Incompatibility[] {
  return new ProtoComparison(reader, writer).files();
}

class ProtoComparison {
  readonly #reader: ProtoScope;
  readonly #writer: ProtoScope;
  readonly #compared = new Set<string>();

  constructor(reader: ProtoScope, writer: ProtoScope) {
    this.#reader = reader;
    this.#writer = writer;
  }

  files(): Incompatibility[] {
    return this.#types(this.#writer.file.types, '', '#');
  }

  #types(types: ProtoMessage['types'], outer: string, path: string): Incompatibility[] {
    // What an enum may hold changes nothing of what can be read: unknown values are kept as numbers.
    const messages = types.filter((type) => type.kind === 'message');
    return messages.flatMap((message) =>
      this.#message(message, joined(outer, message.name), `${path}/${message.name}`),
    );
  }

  #message(writer: ProtoMessage, name: string, path: string): Incompatibility[] {
    const { package: readerPackage } = this.#reader.file;
    const found = this.#reader.find(joined(readerPackage, name));
    if (found?.type.kind !== 'message')
      return [fault('MESSAGE_REMOVED', path, `The reader has no message ${joined(readerPackage, name)}`)];
    const written = this.#writer.find(joined(this.#writer.file.package, name))!;
    return [...this.#contents(found, written, path), ...this.#types(writer.types, name, path)];
  }

  /** Each pair once: a message may contain itself. */
  #contents(read: ProtoType, written: ProtoType, path: string): Incompatibility[] {
    const pair = `${read.fullName} ${written.fullName}`;
    if (this.#compared.has(pair) || read.type.kind !== 'message' || written.type.kind !== 'message')
      return [];
    this.#compared.add(pair);
    const [reader, writer] = [read.type, written.type];
    const readFields = new Map(fieldsOf(reader).map((field) => [field.number, field]));
    const writtenFields = new Map(fieldsOf(writer).map((field) => [field.number, field]));
    const scopes = { reader: read.fullName, writer: written.fullName };
    const found = [...writtenFields.values()].flatMap((field) => {
      const other = readFields.get(field.number);
      const place = `${path}/${field.number}`;
      return other ? this.#field(other, field, scopes, place) : removed(field, place);
    });
    for (const field of readFields.values())
      if (!writtenFields.has(field.number) && field.label === 'required')
        found.push(
          fault(
            'REQUIRED_FIELD_ADDED',
            `${path}/${field.number}`,
            `The reader requires the field ${field.name}, which the writer does not have`,
          ),
        );
    return [...found, ...oneofFaults(reader, writer, path)];
  }

  #field(reader: ProtoField, writer: ProtoField, scopes: Scopes, path: string): Incompatibility[] {
    if ((reader.mapKey === undefined) !== (writer.mapKey === undefined))
      return [kindChanged(reader, writer, path)];
    const keys =
      reader.mapKey === undefined
        ? []
        : this.#typeFaults(reader.mapKey, writer.mapKey!, reader, writer, scopes, `${path}/key`);
    const types = this.#typeFaults(reader.type, writer.type, reader, writer, scopes, path);
    return [
      ...keys,
      ...types,
      ...(types.length === 0 ? this.#labelFaults(reader, writer, scopes, path) : []),
    ];
  }

  #typeFaults(
    readerType: string,
    writerType: string,
    reader: ProtoField,
    writer: ProtoField,
    scopes: Scopes,
    path: string,
  ): Incompatibility[] {
    const [read, written] = [
      this.#kind(this.#reader, readerType, scopes.reader),
      this.#kind(this.#writer, writerType, scopes.writer),
    ];
    if (read.kind === 'message' || written.kind === 'message') {
      if (read.kind !== written.kind || reader.isGroup !== writer.isGroup)
        return [kindChanged(reader, writer, path)];
      return this.#namedFaults(read.name, written.name, writer, path);
    }
    if (read.kind === 'enum' && written.kind === 'enum')
      return read.name === written.name ? [] : [namedChanged(read.name, written.name, writer, path)];
    if (
      read.kind === written.kind ||
      SAME_BYTES.some((group) => group.includes(read.kind) && group.includes(written.kind))
    )
      return [];
    const isScalarChange = read.kind !== 'enum' && written.kind !== 'enum';
    if (!isScalarChange) return [kindChanged(reader, writer, path)];
    return [
      fault(
        'FIELD_SCALAR_KIND_CHANGED',
        path,
        `The field ${writer.name} is ${written.kind} for the writer and ${read.kind} for the reader, whose bytes differ`,
      ),
    ];
  }

  #namedFaults(readName: string, writtenName: string, writer: ProtoField, path: string): Incompatibility[] {
    const [read, written] = [this.#reader.find(readName), this.#writer.find(writtenName)];
    if ((read?.name ?? readName) !== (written?.name ?? writtenName))
      return [namedChanged(readName, writtenName, writer, path)];
    return read && written ? this.#contents(read, written, path) : [];
  }

  /** A repeated number may be packed, which a single one is not; of texts and messages a reader takes the last. */
  #labelFaults(reader: ProtoField, writer: ProtoField, scopes: Scopes, path: string): Incompatibility[] {
    if (reader.label === 'required' && writer.label !== 'required')
      return [
        fault(
          'REQUIRED_FIELD_ADDED',
          path,
          `The reader requires the field ${reader.name}, which the writer may leave out`,
        ),
      ];
    const isRepeated = (field: ProtoField) => field.label === 'repeated' || field.mapKey !== undefined;
    if (isRepeated(reader) === isRepeated(writer)) return [];
    const { kind } = this.#kind(this.#writer, writer.type, scopes.writer);
    if (kind === 'string' || kind === 'bytes' || kind === 'message') return [];
    return [
      fault(
        'FIELD_NUMERIC_LABEL_CHANGED',
        path,
        `The field ${writer.name} holds numbers, of which the writer has ${writer.label || 'one'} and the reader ${reader.label || 'one'}`,
      ),
    ];
  }

  #kind(where: ProtoScope, type: string, scope: string): { readonly kind: string; readonly name: string } {
    if (isScalar(type)) return { kind: type, name: type };
    const name = where.resolve(type, scope) ?? type;
    return { kind: where.isEnum(name) ? 'enum' : 'message', name };
  }
}

function removed(field: ProtoField, path: string): Incompatibility[] {
  if (field.label !== 'required') return [];
  return [
    fault(
      'REQUIRED_FIELD_REMOVED',
      path,
      `The reader does not know the field ${field.name}, which is required`,
    ),
  ];
}

/** A field that joins others in a oneof replaces them, or is replaced by them, where both were written. */
function oneofFaults(reader: ProtoMessage, writer: ProtoMessage, path: string): Incompatibility[] {
  const written = new Map(fieldsOf(writer).map((field) => [field.number, field]));
  const before = new Map(
    writer.oneofs.flatMap((oneof) => oneof.fields.map((field) => [field.number, oneof] as const)),
  );
  const found = reader.oneofs.flatMap((oneof) =>
    joinedFaults(oneof, written, before, `${path}/${oneof.name}`),
  );
  const after = new Set(fieldsOf(reader).map(({ number }) => number));
  for (const { name, fields } of writer.oneofs)
    for (const field of fields)
      if (!after.has(field.number))
        found.push(
          fault(
            'ONEOF_FIELD_REMOVED',
            `${path}/${name}/${field.number}`,
            `The reader does not know the field ${field.name} of the oneof ${name}`,
          ),
        );
  return found;
}

function joinedFaults(
  oneof: ProtoOneof,
  written: ReadonlyMap<number, ProtoField>,
  before: ReadonlyMap<number, ProtoOneof>,
  path: string,
): Incompatibility[] {
  const known = oneof.fields.filter(({ number }) => written.has(number));
  const alone = known.filter(({ number }) => !before.has(number));
  if (alone.length === 0) return [];
  if (alone.length > 1) {
    const names = alone.map(({ name }) => name).join(', ');
    return [
      fault(
        'MULTIPLE_FIELDS_MOVED_TO_ONEOF',
        path,
        `The writer may write ${names} together, of which the reader's oneof ${oneof.name} holds one`,
      ),
    ];
  }
  if (known.length === 1) return [];
  return [
    fault(
      'FIELD_MOVED_TO_EXISTING_ONEOF',
      path,
      `The writer may write ${alone[0]!.name} together with other fields of the reader's oneof ${oneof.name}`,
    ),
  ];
}

function kindChanged(reader: ProtoField, writer: ProtoField, path: string): Incompatibility {
  const show = ({ type, mapKey }: ProtoField) => (mapKey === undefined ? type : `map<${mapKey}, ${type}>`);
  return fault(
    'FIELD_KIND_CHANGED',
    path,
    `The field ${writer.name} is ${show(writer)} for the writer and ${show(reader)} for the reader`,
  );
}

function namedChanged(read: string, written: string, { name }: ProtoField, path: string): Incompatibility {
  return fault(
    'FIELD_NAMED_TYPE_CHANGED',
    path,
    `The field ${name} is of type ${written} for the writer and ${read} for the reader`,
  );
}

function fault(rule: string, path: string, reason: string): Incompatibility {
  return { rule, path, reason };
}
