import type { Buffer } from 'node:buffer';
import type { Type } from 'protobufjs';
import type { Column } from '../../data/schema.ts';
import type { WholeSchema } from '../../data/writer-schema.ts';
import { ByteWriter } from '../byte-writer.ts';
import { type Decode, type Format, type FormatOptions, SerdeError, type Write } from '../format.ts';
import { registeredDecoder, registeredWriter } from '../registered.ts';
import { compileDecoder, messageScan } from './decoder.ts';
import { compileEncoder, messageCode } from './encoder.ts';
import { readMessagePath, writeMessagePath } from './message-path.ts';
import { ParsedSchema } from './schema-parser.ts';
import { schemaText } from './schema-text.ts';
import { sqlColumns } from './sql-columns.ts';
import { WireReader } from './wire-reader.ts';

/**
 * Protocol Buffers without a registry: the schema is made of the columns, and a record is the bare message. Keys and
 * values are messages even when they have one column.
 */
export const protobufNoSrFormat: Format = {
  name: 'PROTOBUF_NOSR',

  decoder(columns, options): Decode {
    if (columns.length === 0) return () => true;
    return compileDecoder(messageOfColumns(columns, options), columns, options.used);
  },

  writer(columns, options): Write {
    if (columns.length === 0 && options.part === 'key') return () => false;
    return messageWriter(messageOfColumns(columns, options), columns, options);
  },

  scanCode(columns, options, fields, helper) {
    if (columns.length === 0) return undefined;
    return messageScan(messageOfColumns(columns, options), fields, helper);
  },

  writeCode(columns, options, values, constant) {
    if (columns.length === 0 || options.part === 'key') return undefined;
    return messageCode(messageOfColumns(columns, options), columns, values, constant);
  },
};

/**
 * Protocol Buffers with a registry. Behind the schema's id a record says which message of the file it is:
 *
 *   0x00   id: int32   path to the message   the message's bytes
 */
export const protobufFormat: Format = {
  name: 'PROTOBUF',
  readsBySchema: true,

  decoder(columns, options): Decode {
    if (columns.length === 0) return () => true;
    return registeredDecoder(options.schemas, (schema) => {
      if (schema.type !== 'PROTOBUF')
        throw new SerdeError(`schema ${schema.id} is of type ${schema.type}, and the format is PROTOBUF`);
      return messageDecoder(schema, columns, options.used);
    });
  },

  writer(columns, options): Write {
    if (columns.length === 0 && options.part === 'key') return () => false;
    const { message, path } = writtenMessage(columns, options);
    const write = messageWriter(message, columns, options);
    return registeredWriter(options.schema?.id ?? 0, (row, from, out) => {
      writeMessagePath(path, out);
      return write(row, from, out);
    });
  },

  /** Of records with the schema that the topic's own writers use; the others are the decoder's. */
  scanCode(columns, options, fields, helper) {
    if (columns.length === 0 || options.schema === undefined) return undefined;
    try {
      const { message, prefix } = writtenMessage(columns, options);
      const begins = helper('begins', (bytes: Buffer, at: number, end: number) =>
        startsWith(prefix, bytes, at, end),
      );
      return `if (${begins}(b, p, e)) {
p += ${prefix.length};
${messageScan(message, fields, helper)}
} else p = -1;`;
    } catch (error) {
      // Each record is refused for this reason by the decoder.
      if (error instanceof SerdeError) return undefined;
      throw error;
    }
  },

  writeCode(columns, options, values, constant) {
    if (columns.length === 0 || options.part === 'key') return undefined;
    const { message, prefix } = writtenMessage(columns, options);
    return `out.raw(${constant(prefix)});\n${messageCode(message, columns, values, constant)}`;
  },

  translator: {
    type: 'PROTOBUF',
    textOf: (columns, options) => schemaText(columns, options),
    typeOf: (schema, { fullName }) => ({
      kind: 'STRUCT',
      fields: sqlColumns(messageOf(parsedSchema(schema), fullName)),
    }),
  },
};

/** The message that records are written as, and what stands before its bytes. */
function writtenMessage(
  columns: readonly Column[],
  options: FormatOptions,
): { readonly message: Type; readonly path: readonly number[]; readonly prefix: Uint8Array } {
  const { schema, fullName } = options;
  const parsed = ParsedSchema.of(schema?.schema ?? schemaText(columns, options), schema?.imports);
  const message = messageOf(parsed, fullName);
  const path = parsed.pathTo(message);
  if (path.includes(-1))
    throw new SerdeError(
      `The message ${fullName} is in a file that the Protobuf schema imports: name one of its own`,
    );
  const out = new ByteWriter();
  registeredWriter(schema?.id ?? 0, () => {
    writeMessagePath(path, out);
    return true;
  })([], 0, out);
  return { message, path, prefix: out.copy() };
}

function startsWith(prefix: Uint8Array, bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at < prefix.length) return false;
  for (let index = 0; index < prefix.length; index++) if (bytes[at + index] !== prefix[index]) return false;
  return true;
}

function parsedSchema({ schema, imports }: WholeSchema): ParsedSchema {
  return ParsedSchema.of(schema, imports);
}

function messageOfColumns(columns: readonly Column[], options: FormatOptions): Type {
  return messageOf(ParsedSchema.of(schemaText(columns, options)), options.fullName);
}

function messageOf(schema: ParsedSchema, fullName: string | undefined): Type {
  const message = schema.message(fullName);
  if (message !== undefined) return message;
  throw new SerdeError(
    fullName === undefined
      ? 'The Protobuf schema defines no message'
      : `The Protobuf schema defines no message ${fullName}`,
  );
}

/** A key of which nothing is known is no key. */
function messageWriter(message: Type, columns: readonly Column[], { part }: FormatOptions): Write {
  const write = compileEncoder(message, columns);
  return (row, from, out) => {
    if (part === 'key' && isAllNull(row, from, columns.length)) return false;
    write(row, from, out);
    return true;
  };
}

function isAllNull(row: readonly unknown[], from: number, width: number): boolean {
  for (let index = 0; index < width; index++) if (row[from + index] !== null) return false;
  return true;
}

/** Reads the path and then the message it leads to, of each path with a reader of its own. */
function messageDecoder(
  schema: WholeSchema,
  columns: readonly Column[],
  used: readonly number[] | undefined,
): Decode {
  const parsed = parsedSchema(schema);
  const reader = new WireReader();
  const decoders = new Map<string, Decode>();
  let first: Decode | undefined;
  return (bytes, start, end, target, at) => {
    // Nearly always the first message of the file, whose path is a single 0.
    if (start < end && bytes[start] === 0) {
      first ??= decoderOf([0]);
      return first(bytes, start + 1, end, target, at);
    }
    reader.start(bytes, start, end);
    const path = readMessagePath(reader);
    return decoderOf(path)(bytes, reader.at, end, target, at);
  };

  function decoderOf(path: readonly number[]): Decode {
    const name = path.join('.');
    let decode = decoders.get(name);
    if (decode === undefined) {
      const message = parsed.at(path);
      if (message === undefined)
        throw new SerdeError(`its Protobuf schema has no message at ${name}, which the record claims to be`);
      decode = decoderOrRefusal(message, columns, used);
      decoders.set(name, decode);
    }
    return decode;
  }
}

/** Where no record of the message can be read, each is refused for the reason that was found once. */
function decoderOrRefusal(
  message: Type,
  columns: readonly Column[],
  used: readonly number[] | undefined,
): Decode {
  try {
    return compileDecoder(message, columns, used);
  } catch (error) {
    if (!(error instanceof SerdeError)) throw error;
    return () => {
      throw error;
    };
  }
}
