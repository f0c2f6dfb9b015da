import { Buffer } from 'node:buffer';
import { type DecimalType, formatDecimal } from '../data/decimal.ts';
import { formatDouble } from '../data/java-double.ts';
import type { Column } from '../data/schema.ts';
import type { SqlType, SqlValue } from '../data/types.ts';
import { type Format, type FormatOptions, SerdeError } from './format.ts';
import { decimalOfText, doubleOfText, integerOfText, longOfText } from './scalars.ts';

/*
 * One line of comma-separated values (RFC 4180): fields with the delimiter, a quote or a line end stand in double
 * quotes, quotes inside are doubled. NULL is an empty field; the empty string is `""` when it comes first and reads
 * back as NULL elsewhere.
 *
 * Written as Apache Commons CSV writes it, so that lines equal ksqlDB's byte for byte: it also quotes a first field that
 * does not begin with a letter or digit, others that begin with a character up to `#`, and all that end in a blank.
 */

const NAMED_DELIMITERS: Readonly<Record<string, string>> = { SPACE: ' ', TAB: '\t' };

const parsers: Partial<Record<SqlType['kind'], (text: string, type: SqlType) => SqlValue>> = {
  BOOLEAN: (text) => text.toLowerCase() === 'true',
  INTEGER: integerOfText,
  BIGINT: longOfText,
  DOUBLE: doubleOfText,
  STRING: (text) => text,
  BYTES: (text) => Buffer.from(text, 'base64'),
  DECIMAL: (text, type) => decimalOfText(text, type as DecimalType),
  DATE: integerOfText,
  TIME: integerOfText,
  TIMESTAMP: longOfText,
};

function printed(value: SqlValue, type: SqlType): string {
  if (type.kind === 'DOUBLE') return formatDouble(value as number);
  if (type.kind === 'DECIMAL') return formatDecimal(value as bigint, type.scale);
  if (type.kind === 'BYTES') return Buffer.from(value as Uint8Array).toString('base64');
  return String(value);
}

export const delimitedFormat: Format = {
  name: 'DELIMITED',

  decoder(columns, { used, ...options }) {
    checkTypes(columns);
    const delimiter = delimiterOf(options);
    const wanted = (used ?? columns.keys().toArray()).map((index) => {
      const { name, type } = columns[index] as Column;
      return { index, name, type, parse: parsers[type.kind] as (text: string, type: SqlType) => SqlValue };
    });
    return (bytes, start, end, target, at) => {
      const fields = split(bytes.toString('utf8', start, end), delimiter);
      if (fields.length !== columns.length)
        throw new SerdeError(`found ${fields.length} fields, expected ${columns.length}`);
      for (const { index, name, type, parse } of wanted) {
        const text = fields[index] as string | null;
        try {
          target[at + index] = text === null ? null : parse(text, type);
        } catch (error) {
          throw new SerdeError(`${name}: ${(error as Error).message}`);
        }
      }
      return true;
    };
  },

  writer(columns, options) {
    checkTypes(columns);
    const delimiter = delimiterOf(options);
    const special = escapeForClass(delimiter);
    const firstNeedsQuotes = new RegExp(`^$|^[^0-9A-Za-z]|[${special}"\\r\\n]|[\\0- ]$`);
    const needsQuotes = new RegExp(`^[\\0-#]|[${special}"\\r\\n]|[\\0- ]$`);
    return (row, from, out) => {
      let line = '';
      let hasValue = false;
      for (let index = 0; index < columns.length; index++) {
        const value = row[from + index] as SqlValue;
        if (index > 0) line += delimiter;
        if (value === null) continue;
        hasValue = true;
        const text = printed(value, (columns[index] as Column).type);
        line += (index === 0 ? firstNeedsQuotes : needsQuotes).test(text)
          ? `"${text.replaceAll('"', '""')}"`
          : text;
      }
      if (options.part === 'key' && !hasValue) return false;
      out.text(line);
      return true;
    };
  },
};

function checkTypes(columns: readonly Column[]): void {
  for (const { name, type } of columns)
    if (!(type.kind in parsers))
      throw new SerdeError(`The DELIMITED format cannot hold ${name} of type ${type.kind}`);
}

function delimiterOf(options: FormatOptions): string {
  const delimiter = NAMED_DELIMITERS[options.delimiter ?? ''] ?? options.delimiter ?? ',';
  if (delimiter.length !== 1 || /["\r\n]/.test(delimiter))
    throw new SerdeError(`Invalid delimiter: one character, SPACE or TAB`);
  return delimiter;
}

function escapeForClass(character: string): string {
  return /[\\\]^-]/.test(character) ? `\\${character}` : character;
}

/** Fields of the first line; an unquoted empty field is null. */
function split(line: string, delimiter: string): (string | null)[] {
  const fields: (string | null)[] = [];
  const end = line.length;
  let at = 0;
  for (;;) {
    if (line[at] === '"') {
      let text = '';
      for (;;) {
        const quote = line.indexOf('"', at + 1);
        if (quote < 0) throw new SerdeError('a quoted field does not end');
        text += line.slice(at + 1, quote);
        at = quote + 1;
        if (line[at] !== '"') break;
        text += '"';
      }
      fields.push(text);
    } else {
      const next = fieldEnd(line, at, delimiter);
      fields.push(next === at ? null : line.slice(at, next));
      at = next;
    }
    if (at === end || line[at] === '\n' || line.startsWith('\r\n', at)) return fields;
    if (line[at] !== delimiter) throw new SerdeError('text after a quoted field');
    at++;
  }
}

function fieldEnd(line: string, from: number, delimiter: string): number {
  let at = from;
  while (at < line.length && line[at] !== delimiter && line[at] !== '\n' && !line.startsWith('\r\n', at))
    at++;
  return at;
}
