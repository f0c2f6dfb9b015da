import { type Buffer, isUtf8 } from 'node:buffer';
import { formatDouble } from '../../data/java-double.ts';
import { formatTimestamp } from '../../data/time.ts';
import type { RecordCursor } from '../../record/record-cursor.ts';
import type { PrintedValues } from './printed-values.ts';

const UNKNOWN = 'not seen yet';
const UNRECOGNISED = 'UNRECOGNIZED_BYTES';
/** Of the schema registry: a zero and the id of a schema before the data. */
const REGISTRY_PREFIX_BYTES = 5;
const WINDOW_BYTES = 8;
/** Later than any window of today, and far below what eight characters make as a number. */
const LATEST_WINDOW_MS = 253_402_300_800_000;

/** A way to read bytes, with what it makes of them; undefined: they cannot be that. */
interface Reading {
  readonly format: string;
  readonly read: (bytes: Buffer) => string | undefined;
}

/** In the order in which they are named. */
const READINGS: readonly Reading[] = [
  { format: 'JSON', read: (bytes) => (isJson(bytes) ? bytes.toString() : undefined) },
  {
    format: 'JSON_SR',
    read: (bytes) => (hasSchemaId(bytes) && isJson(data(bytes)) ? `${data(bytes)}` : undefined),
  },
  { format: 'KAFKA_INT', read: (bytes) => (bytes.length === 4 ? String(bytes.readInt32BE()) : undefined) },
  {
    format: 'KAFKA_BIGINT',
    read: (bytes) => (bytes.length === 8 ? String(bytes.readBigInt64BE()) : undefined),
  },
  {
    format: 'KAFKA_DOUBLE',
    read: (bytes) => (bytes.length === 8 ? formatDouble(bytes.readDoubleBE()) : undefined),
  },
  { format: 'KAFKA_STRING', read: (bytes) => (isText(bytes) ? bytes.toString() : undefined) },
  { format: 'TIME_WINDOWED(KAFKA_STRING)', read: (bytes) => windowed(bytes, 1) },
  { format: 'SESSION(KAFKA_STRING)', read: (bytes) => windowed(bytes, 2) },
  { format: 'AVRO', read: (bytes) => (hasSchemaId(bytes) ? hex(bytes) : undefined) },
  { format: 'PROTOBUF', read: (bytes) => (hasSchemaId(bytes) ? hex(bytes) : undefined) },
];

/**
 * Records as PRINT shows them. Of which format the bytes are nobody says, so each record narrows down what they can be;
 * that is told first, and again when a record changes it.
 */
export class RecordPrinter {
  readonly #key: Guess;
  readonly #value: Guess;

  constructor(values: PrintedValues) {
    this.#key = new Guess('Key', values);
    this.#value = new Guess('Value', values);
  }

  async lines(record: RecordCursor, partition: number): Promise<string[]> {
    const key = await this.#key.read(record.key());
    const value = await this.#value.read(record.value());
    const rowtime = `${formatTimestamp(record.timestampMs).replace('T', ' ').replaceAll('-', '/')} Z`;
    const line = `rowtime: ${rowtime}, key: ${key.text}, value: ${value.text}, partition: ${partition}`;
    return [...key.news, ...value.news, line];
  }
}

class Guess {
  readonly #part: string;
  readonly #values: PrintedValues;
  #possible: readonly Reading[] = READINGS;
  #told = '';
  #hasSeen = false;

  constructor(part: string, values: PrintedValues) {
    this.#part = part;
    this.#values = values;
  }

  async read(bytes: Buffer | null): Promise<{ readonly text: string; readonly news: readonly string[] }> {
    const text = bytes === null ? '<null>' : await this.#textOf(bytes);
    const names = this.#possible.map(({ format }) => format);
    const guess = this.#hasSeen ? names.join(' or ') || UNRECOGNISED : UNKNOWN;
    const news = guess === this.#told ? [] : [`${this.#part} format: ${guess}`];
    this.#told = guess;
    return { text, news };
  }

  async #textOf(bytes: Buffer): Promise<string> {
    this.#hasSeen = true;
    const named = await this.#values.read(bytes);
    if (named === undefined) return this.#narrow(bytes);
    this.#possible = this.#possible.filter(({ format }) => format === named.format);
    return named.text;
  }

  #narrow(bytes: Buffer): string {
    const readings = this.#possible.flatMap((reading) => {
      const text = reading.read(bytes);
      return text === undefined ? [] : [{ reading, text }];
    });
    this.#possible = readings.map(({ reading }) => reading);
    // Eight letters are also some number; whoever looks means the letters.
    if (isText(bytes)) return bytes.toString();
    return readings[0]?.text ?? hex(bytes);
  }
}

function isJson(bytes: Buffer): boolean {
  const first = bytes[0];
  if (first === undefined || !isUtf8(bytes)) return false;
  try {
    JSON.parse(bytes.toString());
    return true;
  } catch {
    return false;
  }
}

function hasSchemaId(bytes: Buffer): boolean {
  return bytes.length >= REGISTRY_PREFIX_BYTES && bytes[0] === 0 && bytes.readInt32BE(1) > 0;
}

function data(bytes: Buffer): Buffer {
  return bytes.subarray(REGISTRY_PREFIX_BYTES);
}

/** Text, and behind it the times at which its window begins and, of a session, ends. */
function windowed(bytes: Buffer, times: 1 | 2): string | undefined {
  const end = bytes.length - times * WINDOW_BYTES;
  if (end < 1 || !isText(bytes.subarray(0, end)) || isText(bytes)) return undefined;
  const bounds = Array.from({ length: times }, (_, i) =>
    Number(bytes.readBigInt64BE(end + i * WINDOW_BYTES)),
  );
  if (!bounds.every((bound) => bound >= 0 && bound < LATEST_WINDOW_MS)) return undefined;
  // A session's key has its end first.
  return `[${bytes.subarray(0, end)}@${bounds.toReversed().join('/')}]`;
}

function isText(bytes: Buffer): boolean {
  return isUtf8(bytes) && !bytes.some(isControlCharacter);
}

function isControlCharacter(byte: number): boolean {
  return byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d;
}

function hex(bytes: Buffer): string {
  return `0x${bytes.toString('hex')}`;
}
