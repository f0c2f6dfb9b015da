import { SqlError } from '../sql-error.ts';
import type { Token, TokenKind } from './token.ts';

const NAME_START = /[\p{L}_@]/u;
const NAME_PART = /[\p{L}\p{N}_@]/u;
/** Sticky: matches at `lastIndex` only, so no text is ever copied to look for a number. */
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const SYMBOLS_2 = new Set(['<>', '!=', '<=', '>=', '||', ':=', '->', '=>']);
const SYMBOLS_1 = new Set('()[]{},;.+-*/%=<>:?'.split(''));

/**
 * Cuts text into tokens, one at a time and in one pass, so that a statement of megabytes costs no more memory
 * than its tree. Lines and columns count from 1.
 */
export class Lexer {
  readonly #text: string;
  #at = 0;
  #line: number;
  #lineStart: number;

  /** `line` and `column` say where `text` begins in what the user sent. */
  constructor(text: string, line = 1, column = 1) {
    this.#text = text;
    this.#line = line;
    this.#lineStart = 1 - column;
  }

  next(): Token {
    this.#skipBlanksAndComments();
    const start = this.#at;
    if (start >= this.#text.length) return this.#token('end', '', start);
    const char = this.#text[start]!;
    if (char === "'") return this.#delimited('string', "'");
    if (char === '`' || char === '"') return this.#delimited('quoted', char);
    const next = this.#text[start + 1] ?? '';
    if (isDigit(char) || (char === '.' && isDigit(next))) return this.#number();
    if (isNameStart(char)) return this.#word();
    const two = char + next;
    const symbol = SYMBOLS_2.has(two) ? two : char;
    if (symbol === char && !SYMBOLS_1.has(char))
      throw this.#error(`Syntax Error\nUnexpected character '${char}'`);
    this.#at += symbol.length;
    return this.#token('symbol', symbol === '!=' ? '<>' : symbol, start);
  }

  #token(kind: TokenKind, text: string, start: number): Token {
    return { kind, text, start, end: this.#at, line: this.#line, column: start - this.#lineStart + 1 };
  }

  #error(message: string): SqlError {
    return new SqlError(message, this.#line, this.#at - this.#lineStart + 1);
  }

  #skipBlanksAndComments(): void {
    const text = this.#text;
    for (;;) {
      const char = text.charCodeAt(this.#at);
      if (char === 10) {
        this.#at++;
        this.#line++;
        this.#lineStart = this.#at;
      } else if (char <= 32 || char === 0xa0 || char === 0xfeff) {
        this.#at++;
      } else if (char === 45 && text.charCodeAt(this.#at + 1) === 45) {
        const end = text.indexOf('\n', this.#at);
        this.#at = end < 0 ? text.length : end;
      } else if (char === 47 && text.charCodeAt(this.#at + 1) === 42) {
        const end = text.indexOf('*/', this.#at + 2);
        if (end < 0) throw this.#error("Syntax Error\nThis comment has no end: expected '*/'");
        this.#countLines(this.#at, end);
        this.#at = end + 2;
      } else {
        return;
      }
    }
  }

  /** Looks no further than `to`: a search over the rest of the text for each token would be quadratic. */
  #countLines(from: number, to: number): void {
    for (let at = from; at < to; at++) {
      if (this.#text.charCodeAt(at) !== 10) continue;
      this.#line++;
      this.#lineStart = at + 1;
    }
  }

  /** A doubled delimiter inside stands for itself. */
  #delimited(kind: 'string' | 'quoted', delimiter: string): Token {
    const start = this.#at;
    const { line, column } = this.#token(kind, '', start);
    let end = this.#text.indexOf(delimiter, start + 1);
    let doubled = false;
    while (end >= 0 && this.#text[end + 1] === delimiter) {
      doubled = true;
      end = this.#text.indexOf(delimiter, end + 2);
    }
    if (end < 0)
      throw this.#error(
        `Syntax Error\nThis ${kind === 'string' ? 'string' : 'name'} has no end: expected ${delimiter}`,
      );
    const inner = this.#text.slice(start + 1, end);
    this.#countLines(start, end);
    this.#at = end + 1;
    const text = doubled ? inner.replaceAll(delimiter + delimiter, delimiter) : inner;
    return { kind, text, start, end: this.#at, line, column };
  }

  /** Names may begin with a digit (`1R`), so digits that run on into letters are a name. */
  #number(): Token {
    const start = this.#at;
    NUMBER.lastIndex = start;
    const number = NUMBER.exec(this.#text)![0];
    const after = this.#text[start + number.length] ?? '';
    if (/^\d+$/.test(number) && isNamePart(after)) return this.#word();
    this.#at += number.length;
    const kind = /[eE]/.test(number) ? 'double' : number.includes('.') ? 'decimal' : 'integer';
    return this.#token(kind, number, start);
  }

  #word(): Token {
    const start = this.#at;
    while (this.#at < this.#text.length && isNamePart(this.#text[this.#at]!)) this.#at++;
    return this.#token('word', this.#text.slice(start, this.#at).toUpperCase(), start);
  }
}

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9';
}

function isNameStart(char: string): boolean {
  return (char >= 'a' && char <= 'z') || (char >= 'A' && char <= 'Z') || NAME_START.test(char);
}

function isNamePart(char: string): boolean {
  return (
    (char >= 'a' && char <= 'z') || isDigit(char) || (char >= 'A' && char <= 'Z') || NAME_PART.test(char)
  );
}
