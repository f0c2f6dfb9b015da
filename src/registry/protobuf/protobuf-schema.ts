import type { ParsedSchema, SchemaParser } from '../parsed-schema.ts';
import { fileFromDescriptor } from './from-descriptor.ts';
import { protoIncompatibilities } from './proto-compatibility.ts';
import type { ProtoFile } from './proto-model.ts';
import { normalProtoFile } from './proto-normal.ts';
import { parseProtoFile } from './proto-parser.ts';
import { printProtoFile } from './proto-printer.ts';
import { ProtoScope } from './proto-scope.ts';
import { fileToDescriptor } from './to-descriptor.ts';

class ProtobufSchema implements ParsedSchema {
  readonly type = 'PROTOBUF';
  readonly #scope: ProtoScope;
  readonly text: string;

  constructor(scope: ProtoScope) {
    this.#scope = scope;
    this.text = printProtoFile(scope.file);
  }

  get normalized(): string {
    return printProtoFile(normalProtoFile(this.#scope.file, this.#scope));
  }

  cannotRead(writer: ParsedSchema) {
    return protoIncompatibilities(this.#scope, (writer as ProtobufSchema).#scope);
  }

  /** `serialized`: a FileDescriptorProto in base64. `ignore_extensions`: without custom options. */
  formatted(format: string): string | undefined {
    if (format === 'serialized') return fileToDescriptor(this.#scope);
    if (format === 'ignore_extensions') return printProtoFile({ ...this.#scope.file, extensions: [] });
    return undefined;
  }
}

export const parseProtobuf: SchemaParser = (text, references) => {
  const others = new Map(references.map(({ name, schema }) => [name, read(schema)] as const));
  return new ProtobufSchema(new ProtoScope(read(text), others));
};

const BASE64 = /^[A-Za-z0-9+/\s]+={0,2}$/;

/** Some clients send what their compiler made of the file instead of its text. */
function read(text: string): ProtoFile {
  return BASE64.test(text.trim()) ? fileFromDescriptor(text) : parseProtoFile(text);
}
