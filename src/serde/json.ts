import type { Column } from '../data/schema.ts';
import type { SqlType, SqlValue } from '../data/types.ts';
import { type Decode, type Format, type FormatOptions, SerdeError, type Write } from './format.ts';
import { compileScanner, scanCode } from './json-scanner.ts';
import { converter, fieldsReader, isObject, JsonNumber, type JsonValue, NEEDS_DIGITS } from './json-tree.ts';
import { jsonWriter, objectCode, objectWriter } from './json-writer.ts';

/**
 * JSON. A value is an object with a field per column unless it is a single unwrapped column; a key is the bare value
 * unless it has several columns.
 *
 *   bytes --scanner--> columns
 *            +--gives up--> JSON.parse --> columns
 *                               +--a number's digits matter--> JSON.parse with digits --> columns
 */
export const jsonFormat: Format = {
  name: 'JSON',

  decoder(columns, options): Decode {
    const used = options.used ?? columns.map((_, index) => index);
    if (columns.length === 0) return () => true;
    if (!isWrapped(columns, options)) return bareDecoder((columns[0] as Column).type);
    const decode = objectDecoder(columns, used);
    const scan = compileScanner(columns, used);
    if (!scan) return decode;
    return (bytes, start, end, target, at) =>
      scan(bytes, start, end, target, at) || decode(bytes, start, end, target, at);
  },

  scanCode(columns, options, fields, helper) {
    return isWrapped(columns, options) ? scanCode(fields, helper) : undefined;
  },

  writeCode(columns, options, values, constant) {
    if (columns.length === 0 || !isWrapped(columns, options)) return undefined;
    return objectCode(columns, values, constant);
  },

  writer(columns, options): Write {
    if (columns.length === 0 && options.part === 'key') return () => false;
    if (isWrapped(columns, options)) {
      const write = objectWriter(columns);
      return (row, from, out) => {
        write(row, from, out);
        return true;
      };
    }
    const write = jsonWriter((columns[0] as Column).type);
    return (row, from, out) => {
      const value = row[from] as SqlValue;
      if (value !== null) write(value, out);
      return value !== null;
    };
  },
};

function isWrapped(columns: readonly Column[], { part, wrapSingle }: FormatOptions): boolean {
  return columns.length !== 1 || (wrapSingle ?? part === 'value');
}

/** The way that reads every JSON, on which the scanner falls back. */
function objectDecoder(columns: readonly Column[], used: readonly number[]): Decode {
  const read = fieldsReader(columns, used);
  return treeDecoder((value, target, at) => {
    if (!isObject(value)) throw new SerdeError(`expected a JSON object, found ${kindOf(value)}`);
    read(value, target, at);
  });
}

function bareDecoder(type: SqlType): Decode {
  const convert = converter(type);
  return treeDecoder((value, target, at) => {
    target[at] = convert(value);
  });
}

function treeDecoder(read: (value: JsonValue, target: SqlValue[], at: number) => void): Decode {
  return (bytes, start, end, target, at) => {
    const text = bytes.toString('utf8', start, end);
    try {
      const value = JSON.parse(text) as JsonValue;
      if (value === null) return false;
      try {
        read(value, target, at);
      } catch (error) {
        if (error !== NEEDS_DIGITS) throw error;
        read(JSON.parse(text, keepDigits) as JsonValue, target, at);
      }
      return true;
    } catch (error) {
      throw asSerdeError(error);
    }
  };
}

function keepDigits(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === 'number' ? new JsonNumber(context?.source ?? String(value)) : value;
}

function asSerdeError(error: unknown): unknown {
  // V8 quotes the text in its message, and contents of records stay out of logs.
  if (error instanceof SyntaxError) return new SerdeError('invalid JSON');
  if (error instanceof RangeError) return new SerdeError('JSON nested too deeply');
  return error;
}

function kindOf(value: JsonValue): string {
  return Array.isArray(value) ? 'an array' : `a ${value instanceof JsonNumber ? 'number' : typeof value}`;
}
