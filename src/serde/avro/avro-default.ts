import { Buffer } from 'node:buffer';
import { ByteWriter } from '../byte-writer.ts';
import { isJsonObject, numberIn, wholeNumberIn } from '../exact-json.ts';
import { writeBytes, writeDouble, writeFloat, writeInt, writeLong, writeText } from './avro-output.ts';
import type { AvroField, AvroType } from './avro-type.ts';

/**
 * The bytes of a field that nobody gives a value: its default, else null where it may be null; undefined where neither
 * is possible.
 */
export function defaultBytes({ type, fallback }: AvroField): Uint8Array | undefined {
  const out = new ByteWriter();
  if (fallback !== undefined && write(type, fallback.value, out)) return out.copy();
  if (type.kind === 'null') return new Uint8Array(0);
  const nullIndex = type.kind === 'union' ? type.branches.findIndex(({ kind }) => kind === 'null') : -1;
  return nullIndex < 0 ? undefined : Uint8Array.of(nullIndex * 2);
}

/** A default as the specification writes them; false when it does not fit the type. */
function write(type: AvroType, json: unknown, out: ByteWriter): boolean {
  switch (type.kind) {
    case 'null':
      return json === null;
    case 'boolean':
      if (typeof json !== 'boolean') return false;
      out.byte(json ? 1 : 0);
      return true;
    case 'int':
    case 'long':
    case 'float':
    case 'double':
      return writeNumber(type.kind, json, out);
    case 'string':
      if (typeof json !== 'string') return false;
      writeText(json, out);
      return true;
    case 'bytes':
      if (typeof json !== 'string') return false;
      writeBytes(Buffer.from(json, 'latin1'), out);
      return true;
    case 'fixed':
      if (typeof json !== 'string' || json.length !== type.size) return false;
      out.raw(Buffer.from(json, 'latin1'));
      return true;
    case 'enum': {
      const number = type.symbols.indexOf(json as string);
      if (number >= 0) writeInt(number, out);
      return number >= 0;
    }
    case 'array':
      return Array.isArray(json) && writeItems(json, out, (item) => write(type.items, item, out));
    case 'map':
      return (
        isJsonObject(json) &&
        writeItems(Object.entries(json), out, ([name, item]) => {
          writeText(name, out);
          return write(type.values, item, out);
        })
      );
    case 'union':
      return writeBranch(type.branches, json, out);
    case 'record':
      return (
        isJsonObject(json) &&
        type.fields.every((field) => {
          const given = json[field.name];
          if (given !== undefined) return write(field.type, given, out);
          const bytes = defaultBytes(field);
          if (bytes !== undefined) out.raw(bytes);
          return bytes !== undefined;
        })
      );
  }
}

function writeNumber(kind: 'int' | 'long' | 'float' | 'double', json: unknown, out: ByteWriter): boolean {
  const number = numberIn(json);
  if (number === undefined) return false;
  // A long may have more digits than a double.
  if (kind === 'long') writeLong(wholeNumberIn(json) ?? number, out);
  else writers[kind](number, out);
  return true;
}

const writers = { int: writeInt, float: writeFloat, double: writeDouble };

function writeItems<Item>(items: readonly Item[], out: ByteWriter, one: (item: Item) => boolean): boolean {
  if (items.length > 0) writeInt(items.length, out);
  const fits = items.every(one);
  out.byte(0);
  return fits;
}

/** The first branch by the specification; later ones where it does not fit, as since Avro 1.12. */
function writeBranch(branches: readonly AvroType[], json: unknown, out: ByteWriter): boolean {
  const start = out.length;
  return branches.some((branch, index) => {
    out.length = start;
    writeInt(index, out);
    return write(branch, json, out);
  });
}
