import { SqlError } from '../sql-error.ts';
import { didYouMean } from '../suggest.ts';
import { RESERVED } from './keywords.ts';
import type { Lexer } from './lexer.ts';
import type { Token } from './token.ts';

/** The parser's view of the lexer: look ahead, take, expect; and the errors that say what was expected. */
export class TokenStream {
  readonly #lexer: Lexer;
  readonly #text: string;
  readonly #ahead: Token[] = [];
  #depth = 0;

  /** `text` is what the lexer reads, for names that must keep their case. */
  constructor(lexer: Lexer, text: string) {
    this.#lexer = lexer;
    this.#text = text;
  }

  peek(distance = 0): Token {
    while (this.#ahead.length <= distance) this.#ahead.push(this.#lexer.next());
    return this.#ahead[distance]!;
  }

  take(): Token {
    const token = this.peek();
    this.#ahead.shift();
    return token;
  }

  /** Whether the next tokens are these keywords or symbols. */
  at(...texts: readonly string[]): boolean {
    return texts.every((text, distance) => isText(this.peek(distance), text));
  }

  /** Takes the keywords or symbols if all of them are next. */
  accept(...texts: readonly string[]): boolean {
    if (!this.at(...texts)) return false;
    for (let i = 0; i < texts.length; i++) this.take();
    return true;
  }

  expect(...texts: readonly string[]): Token {
    let last = this.peek();
    for (const text of texts) {
      last = this.peek();
      if (!isText(last, text)) throw this.unexpected([text]);
      this.take();
    }
    return last;
  }

  /** The one of `texts` that is next. */
  expectOneOf(texts: readonly string[]): string {
    const found = texts.find((text) => this.at(text));
    if (found === undefined) throw this.unexpected(texts);
    this.take();
    return found;
  }

  /** An identifier. A reserved word is refused with the remedy: quote it. */
  name(what = 'a name'): Token {
    const token = this.peek();
    if (token.kind === 'quoted' && token.text !== '') return this.take();
    if (token.kind === 'word') {
      if (!RESERVED.has(token.text)) return this.take();
      throw this.error(
        `Syntax Error\n${token.text} is a word of the language. As a name it is written in backquotes: \`${token.text}\`.`,
      );
    }
    throw this.unexpected([what]);
  }

  /** An identifier in the case it is written in. */
  nameAsWritten(what = 'a name'): string {
    const { kind, text, start, end } = this.name(what);
    return kind === 'quoted' ? text : this.#text.slice(start, end);
  }

  /** A name in the case it is written in, dots and dashes included: a topic. */
  rawName(what: string): string {
    const first = this.peek();
    if (first.kind === 'quoted') return this.take().text;
    if (first.kind !== 'word') throw this.unexpected([what]);
    let end = this.take().end;
    while (this.peek().start === end && this.peek().kind !== 'end' && !this.at(';')) end = this.take().end;
    return this.#text.slice(first.start, end);
  }

  /** A name in the case it is written in, which a name that is not quoted loses. */
  writtenName(what: string): string {
    const { kind, text, start, end } = this.name(what);
    return kind === 'quoted' ? text : this.#text.slice(start, end);
  }

  isName(distance = 0): boolean {
    const token = this.peek(distance);
    return token.kind === 'quoted' || (token.kind === 'word' && !RESERVED.has(token.text));
  }

  string(what = "a string like 'text'"): string {
    if (this.peek().kind !== 'string') throw this.unexpected([what]);
    return this.take().text;
  }

  integer(what = 'a whole number'): number {
    const token = this.peek();
    if (token.kind !== 'integer' || !Number.isSafeInteger(Number(token.text))) throw this.unexpected([what]);
    return Number(this.take().text);
  }

  unexpected(expected: readonly string[]): SqlError {
    const token = this.peek();
    const got = token.kind === 'end' ? 'the end of the statement' : `'${shorten(token.text)}'`;
    const hint =
      token.kind === 'word'
        ? didYouMean(
            token.text,
            expected.filter((text) => /^[A-Z]/.test(text)),
          )
        : '';
    const wanted = expected.map((text) => (/^[a-z]/.test(text) ? text : `'${text}'`)).join(', ');
    return this.error(`Syntax Error\nExpecting ${wanted} but got ${got}.${hint}`);
  }

  error(message: string, token: { line: number; column: number } = this.peek()): SqlError {
    return new SqlError(message, token.line, token.column);
  }

  /** How many `nested` calls are open. */
  get depth(): number {
    return this.#depth;
  }

  /** Runs `parse` one nesting level deeper; recursion ends with an error before the stack does. */
  nested<T>(parse: () => T): T {
    if (this.#depth >= MAX_NESTING) {
      throw this.error(
        `Syntax Error\nNested deeper than ${MAX_NESTING} levels. Split the expression or the type.`,
      );
    }
    this.#depth++;
    try {
      return parse();
    } finally {
      this.#depth--;
    }
  }
}

/** Far more than people write, far less than the stack holds. */
export const MAX_NESTING = 200;

function isText(token: Token, text: string): boolean {
  return (token.kind === 'word' || token.kind === 'symbol') && token.text === text;
}

function shorten(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}...`;
}
