const TOKEN =
  /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|("(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*')|([A-Za-z_][\w]*)|((?:0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)f?)|([{}[\]()<>=;,:.+\-/])/y;

interface Token {
  readonly kind: 'text' | 'word' | 'number' | 'sign' | 'end';
  readonly text: string;
  readonly position: number;
}

/** The words of a .proto file, one ahead. Errors name the line. */
export class ProtoTokens {
  readonly #source: string;
  #position = 0;
  #next: Token;

  constructor(source: string) {
    this.#source = source;
    this.#next = this.#read();
  }

  get text(): string {
    return this.#next.text;
  }

  get isEnd(): boolean {
    return this.#next.kind === 'end';
  }

  is(text: string): boolean {
    return this.#next.text === text && this.#next.kind !== 'text' && !this.isEnd;
  }

  isQuoted(): boolean {
    return this.#next.kind === 'text';
  }

  take(): string {
    const { text } = this.#next;
    if (this.isEnd) this.fail('the file ends too early');
    this.#next = this.#read();
    return text;
  }

  /** Takes the word when it is there. */
  accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.take();
    return true;
  }

  expect(text: string): void {
    if (!this.accept(text)) this.fail(`'${text}' is expected before '${this.text}'`);
  }

  word(what: string): string {
    if (this.#next.kind !== 'word') this.fail(`${what} is expected before '${this.text}'`);
    return this.take();
  }

  /** `.a.b.C` or `C`. */
  name(what: string): string {
    let name = this.accept('.') ? '.' : '';
    name += this.word(what);
    while (this.accept('.')) name += `.${this.word(what)}`;
    return name;
  }

  integer(what: string): number {
    const sign = this.accept('-') ? -1 : 1;
    const text = this.take();
    // A leading zero means octal.
    const value = /^0\d+$/.test(text) ? Number.parseInt(text, 8) : Number(text);
    if (!Number.isSafeInteger(value)) this.fail(`${what} is expected before '${text}'`);
    return sign * value;
  }

  /** Adjacent ones are one. */
  quoted(what: string): string {
    return unquoted(this.rawText(what));
  }

  /** As it was written, in double quotes: what `\\xff` stands for depends on whether it is of a text or of bytes. */
  rawText(what: string): string {
    if (!this.isQuoted()) this.fail(`${what} is expected before '${this.text}'`);
    let content = '';
    while (this.isQuoted()) {
      const text = this.take();
      const inner = text.slice(1, -1);
      content += text.startsWith('"')
        ? inner
        : inner.replaceAll(/\\[\s\S]|"/g, (one) => (one === '"' ? '\\"' : one));
    }
    return `"${content}"`;
  }

  fail(reason: string): never {
    const line = this.#source.slice(0, this.#next.position).split('\n').length;
    throw new Error(`${reason} (line ${line})`);
  }

  #read(): Token {
    for (;;) {
      const position = this.#position;
      if (position >= this.#source.length) return { kind: 'end', text: '', position };
      TOKEN.lastIndex = position;
      const match = TOKEN.exec(this.#source);
      if (!match) {
        this.#next = { kind: 'sign', text: this.#source[position]!, position };
        this.fail(`'${this.#source[position]}' does not belong here`);
      }
      this.#position = TOKEN.lastIndex;
      const [, quoted, word, number, sign] = match;
      if (quoted !== undefined) return { kind: 'text', text: quoted, position };
      if (word !== undefined) return { kind: 'word', text: word, position };
      if (number !== undefined) return { kind: 'number', text: number, position };
      if (sign !== undefined) return { kind: 'sign', text: sign, position };
    }
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
};

/** A text as a token; control characters as .proto files write them. */
export function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(
    /\\u00([\da-f]{2})/g,
    (_all, hex: string) => `\\${Number.parseInt(hex, 16).toString(8).padStart(3, '0')}`,
  );
}

/** What a token in quotes stands for; any other is its own text. */
export function unquoted(text: string): string {
  if (!/^["']/.test(text)) return text;
  return text
    .slice(1, -1)
    .replaceAll(
      /\\(?:x([\da-fA-F]{1,2})|([0-7]{1,3})|u([\da-fA-F]{4})|([\s\S]))/g,
      (_all, hex, octal, unicode, one) => {
        if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
        if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
        if (unicode !== undefined) return String.fromCharCode(Number.parseInt(unicode, 16));
        return ESCAPES[one as string] ?? (one as string);
      },
    );
}
