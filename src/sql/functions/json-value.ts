import { bigDecimalText } from '../../data/decimal.ts';

/**
 * JSON as text functions need it: numbers as they were written, and the names of an object in their order, which a
 * JavaScript object would change for names that are digits.
 */
export type Json = null | boolean | string | JsonNumber | Json[] | JsonObject;
export type JsonObject = ReadonlyMap<string, Json>;

export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  get isWhole(): boolean {
    return !/[.eE]/.test(this.text);
  }
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return value instanceof Map;
}

/** The first value of a text, whatever stands behind it, as ksqlDB reads it; undefined when there is none. */
export function readJson(text: string): Json | undefined {
  try {
    return new Reader(text).document();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

/** Without blanks. */
export function writeJson(value: Json): string {
  if (value instanceof JsonNumber) return value.isWhole ? wholeText(value.text) : bigDecimalText(value.text);
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  return `{${Array.from(value, ([name, item]) => `${JSON.stringify(name)}:${writeJson(item)}`).join(',')}}`;
}

function wholeText(text: string): string {
  return text === '-0' ? '0' : text;
}

/** Deeper documents are refused, before reading them needs too much stack. */
const DEEPEST = 1000;
const BLANK = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const LITERALS = [
  ['true', true],
  ['false', false],
  ['null', null],
] as const;

class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Json {
    const value = this.#value();
    const isBare = typeof value !== 'string' && !Array.isArray(value) && !isJsonObject(value);
    if (isBare && /[^ \t\r\n]/.test(this.#text[this.#at] ?? ' ')) this.#fail();
    return value;
  }

  #value(): Json {
    switch (this.#next()) {
      case '{':
        return this.#nested(() => this.#object());
      case '[':
        return this.#nested(() => this.#array());
      case '"':
        return this.#string();
      default: {
        const literal = this.#literal();
        return literal === undefined ? this.#number() : literal;
      }
    }
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > DEEPEST) this.#fail();
    this.#at++;
    const value = read();
    this.#depth--;
    return value;
  }

  #object(): JsonObject {
    const fields = new Map<string, Json>();
    if (this.#accept('}')) return fields;
    do {
      if (this.#next() !== '"') this.#fail();
      const name = this.#string();
      if (!this.#accept(':')) this.#fail();
      fields.set(name, this.#value());
    } while (this.#accept(','));
    if (!this.#accept('}')) this.#fail();
    return fields;
  }

  #array(): Json[] {
    const items: Json[] = [];
    if (this.#accept(']')) return items;
    do items.push(this.#value());
    while (this.#accept(','));
    if (!this.#accept(']')) this.#fail();
    return items;
  }

  #string(): string {
    let end = this.#at;
    do {
      end = this.#text.indexOf('"', end + 1);
      if (end < 0) this.#fail();
    } while (this.#isEscaped(end));
    const inside = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return /[\\\p{Cc}]/u.test(inside) ? (JSON.parse(`"${inside}"`) as string) : inside;
  }

  #isEscaped(at: number): boolean {
    let backslashes = 0;
    while (this.#text[at - 1 - backslashes] === '\\') backslashes++;
    return backslashes % 2 === 1;
  }

  /** Undefined where none stands; null is one. */
  #literal(): Json | undefined {
    const found = LITERALS.find(([name]) => this.#text.startsWith(name, this.#at));
    if (found === undefined) return undefined;
    this.#at += found[0].length;
    return found[1];
  }

  #number(): JsonNumber {
    NUMBER.lastIndex = this.#at;
    const digits = NUMBER.exec(this.#text)?.[0] ?? this.#fail();
    this.#at += digits.length;
    return new JsonNumber(digits);
  }

  /** The next letter that is no blank. */
  #next(): string | undefined {
    BLANK.lastIndex = this.#at;
    this.#at += BLANK.exec(this.#text)![0].length;
    return this.#text[this.#at];
  }

  #accept(letter: string): boolean {
    if (this.#next() !== letter) return false;
    this.#at++;
    return true;
  }

  #fail(): never {
    throw new SyntaxError(`no JSON at position ${this.#at + 1}`);
  }
}
