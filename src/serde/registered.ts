import { Buffer } from 'node:buffer';
import type { WriterSchema } from '../data/writer-schema.ts';
import type { ByteWriter } from './byte-writer.ts';
import { type Decode, SerdeError, type Write } from './format.ts';
import { NO_SCHEMAS, type Schemas } from './schemas.ts';

/*
 * A record of a format with schemas, as Confluent's serializers write it:
 *
 *   0x00   id: int32 big-endian   the format's own bytes
 */
export const PREFIX_BYTES = 5;

/** Reads each record with the schema it was written with; `compile` makes the reader of one, once. */
export function registeredDecoder(
  schemas: Schemas | undefined,
  compile: (schema: WriterSchema) => Decode,
): Decode {
  const known = schemas ?? NO_SCHEMAS;
  const decoders = new Map<number, Decode>();
  let lastId = -1;
  let last: Decode | undefined;
  return (bytes, start, end, target, at) => {
    const id = schemaIdOf(bytes, start, end);
    if (id !== lastId || last === undefined) {
      last = decoders.get(id);
      if (last === undefined) {
        last = compiled(known.get(id), compile);
        decoders.set(id, last);
      }
      lastId = id;
    }
    return last(bytes, start + PREFIX_BYTES, end, target, at);
  };
}

/** Reads what stands behind the id, whatever the id. */
export function registeredBody(decode: Decode): Decode {
  return (bytes, start, end, target, at) => {
    schemaIdOf(bytes, start, end);
    return decode(bytes, start + PREFIX_BYTES, end, target, at);
  };
}

/** A schema that does not fit the columns is an error of each record written with it. */
function compiled(schema: WriterSchema, compile: (schema: WriterSchema) => Decode): Decode {
  try {
    return compile(schema);
  } catch (error) {
    if (!(error instanceof SerdeError)) throw error;
    return () => {
      throw error;
    };
  }
}

/** The id a record begins with; undefined where it does not begin so. */
export function peekSchemaId(bytes: Buffer, start: number, end: number): number | undefined {
  return end - start >= PREFIX_BYTES && bytes[start] === 0 ? bytes.readInt32BE(start + 1) : undefined;
}

function schemaIdOf(bytes: Buffer, start: number, end: number): number {
  if (end - start < PREFIX_BYTES)
    throw new SerdeError(`${end - start} bytes are too few for a schema id, which takes ${PREFIX_BYTES}`);
  if (bytes[start] !== 0)
    throw new SerdeError(`a record with a schema id begins with byte 0, this one with ${bytes[start]}`);
  return bytes.readInt32BE(start + 1);
}

/** Writes the schema's id, then what `write` does; nothing where that writes nothing. */
export function registeredWriter(id: number, write: Write): Write {
  return (row, from, out) => {
    const start = out.length;
    writePrefix(id, out);
    if (write(row, from, out)) return true;
    out.length = start;
    return false;
  };
}

/** What stands before the format's own bytes, for code that writes it. */
export function prefixOf(id: number): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeInt32BE(id, 1);
  return prefix;
}

function writePrefix(id: number, out: ByteWriter): void {
  out.byte(0);
  for (let shift = 24; shift >= 0; shift -= 8) out.byte((id >>> shift) & 0xff);
}
