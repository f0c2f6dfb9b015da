const SPACE = ' \\t\\n\\x0B\\f\\r';
const HORIZONTAL = ' \\t\\u00A0\\u1680\\u180E\\u2000-\\u200A\\u202F\\u205F\\u3000';
const VERTICAL = '\\n\\x0B\\f\\r\\u0085\\u2028\\u2029';
const END = '(?![\\s\\S])';
const PUNCTUATION = '!-\\/:-@\\[-`\\{-~';

/** Contents of classes by the names Java has for them. */
const CLASSES: Readonly<Record<string, string>> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\x00-\\x7F',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: PUNCTUATION,
  Graph: '\\x21-\\x7E',
  Print: '\\x20-\\x7E',
  Blank: ' \\t',
  Cntrl: '\\x00-\\x1F\\x7F',
  XDigit: '0-9a-fA-F',
  Space: SPACE,
  javaLowerCase: '\\p{Lowercase}',
  javaUpperCase: '\\p{Uppercase}',
  javaWhitespace: SPACE,
};

/** What stands behind `Is` when it is neither a script nor a category: properties of Unicode's. */
const BINARY_PROPERTIES: Readonly<Record<string, string>> = {
  letter: 'L',
  digit: 'Nd',
  punctuation: 'P',
  control: 'Cc',
  alphabetic: 'Alphabetic',
  lowercase: 'Lowercase',
  uppercase: 'Uppercase',
  ideographic: 'Ideographic',
  white_space: 'White_Space',
  whitespace: 'White_Space',
};

const SHORT_CLASSES: Readonly<Record<string, string>> = {
  s: SPACE,
  h: HORIZONTAL,
  v: VERTICAL,
  d: '0-9',
  w: 'a-zA-Z_0-9',
};

/**
 * A pattern of Java in the language of JavaScript's engine, or of a linear one, which knows less: what only trying can match
 * is a SyntaxError there.
 */
export class RegexTranslator {
  /** Group 0 is the whole match. Filled when the pattern has been translated. */
  engineGroupOf: readonly number[] = [0];
  readonly names = new Map<string, number>();
  /** Something repeated holds repetitions or alternatives, so a text could be divided among them in exponentially many ways. */
  mayTryForEver = false;
  /** For the linear engine: the last group is the terminator behind the match. */
  endsBeforeTerminator = false;
  readonly #pattern: string;
  readonly #isLinear: boolean;
  #at = 0;
  #depth = 0;
  #choices = 0;
  /** The engine's groups have names, g1 and so on those of the pattern and a1 and so on those that atomic groups need. */
  #captures = 0;
  #atomics = 0;
  #isMultiline = false;
  #isDotAll = false;
  #hasComments = false;

  constructor(pattern: string, isLinear = false) {
    this.#pattern = pattern;
    this.#isLinear = isLinear;
  }

  translate(): string {
    const text = this.#alternatives();
    if (this.#at < this.#pattern.length) throw new SyntaxError(`an unmatched ')' at ${this.#at + 1}`);
    const opened = [...text.matchAll(/\(\?<([ga])\d+>/g)];
    this.engineGroupOf = [0, ...opened.flatMap(([, kind], i) => (kind === 'g' ? [i + 1] : []))];
    return text;
  }

  #peek(length = 1): string {
    return this.#pattern.slice(this.#at, this.#at + length);
  }

  #accept(text: string): boolean {
    if (this.#peek(text.length) !== text) return false;
    this.#at += text.length;
    return true;
  }

  /** Up to the end of the group at hand; flags set on the way hold to there, for further alternatives too. */
  #alternatives(): string {
    let text = '';
    const opened: string[] = [];
    const isDotAll = this.#isDotAll;
    const hasComments = this.#hasComments;
    while (!this.#isAtEnd()) {
      if (this.#accept('|')) {
        this.#choices++;
        text += `${')'.repeat(opened.length)}|${opened.join('')}`;
        continue;
      }
      const flags = /^\(\?([a-zA-Z]*)(?:-([a-zA-Z]+))?\)/.exec(this.#pattern.slice(this.#at));
      if (flags) {
        this.#at += flags[0].length;
        opened.push(`(?${this.#flags(flags[1]!, flags[2])}:`);
        text += opened.at(-1);
        continue;
      }
      text += this.#quantified();
    }
    this.#isDotAll = isDotAll;
    this.#hasComments = hasComments;
    return text + ')'.repeat(opened.length);
  }

  #isAtEnd(): boolean {
    this.#skipComments();
    return this.#at >= this.#pattern.length || this.#peek() === ')';
  }

  /** Flag x: blanks mean nothing, and neither does the rest of a line behind a #. */
  #skipComments(): void {
    if (!this.#hasComments) return;
    this.#at += /^(?:[ \t-\r]|#[^\n\r\u0085\u2028\u2029]*)*/.exec(this.#pattern.slice(this.#at))![0].length;
  }

  #flags(on: string, off = ''): string {
    if (on.includes('U')) throw new SyntaxError('flag U is not known here');
    this.#hasComments = !off.includes('x') && (this.#hasComments || on.includes('x'));
    if (on.includes('m')) this.#isMultiline = true;
    if (off.includes('m')) this.#isMultiline = false;
    this.#isDotAll = !off.includes('s') && (this.#isDotAll || on.includes('s'));
    if (on.includes('m')) this.#refuseLinear('as many line terminators');
    const known = (letters: string) => [...letters].filter((letter) => 'ims'.includes(letter)).join('');
    return known(off) === '' ? known(on) : `${known(on)}-${known(off)}`;
  }

  #quantified(): string {
    const choicesBefore = this.#choices;
    const atom = this.#atom();
    this.#skipComments();
    const quantifier = /^(?:[*+?]|\{\d+(?:,\d*)?\})/.exec(this.#pattern.slice(this.#at))?.[0];
    if (quantifier === undefined) return atom;
    this.#at += quantifier.length;
    if (quantifier !== '?' && this.#choices > choicesBefore) this.mayTryForEver = true;
    this.#choices++;
    if (this.#accept('?')) return `${atom}${quantifier}?`;
    return this.#accept('+') ? this.#atomic(`${atom}${quantifier}`) : `${atom}${quantifier}`;
  }

  /** What has matched is not given back: looked at ahead into a group, and then taken as it was. */
  #atomic(inside: string): string {
    this.#refuseLinear('atomic groups');
    const name = `a${++this.#atomics}`;
    return `(?:(?=(?<${name}>${inside}))\\k<${name}>)`;
  }

  #atom(): string {
    const letter = this.#pattern[this.#at]!;
    switch (letter) {
      case '(':
        return this.#group();
      case '[':
        return this.#class();
      case '\\':
        return this.#escape(false);
      case '$':
        this.#at++;
        return this.#isMultiline ? '$' : this.#lastTerminator();
      case '.':
        this.#at++;
        if (!this.#isLinear) return letter;
        return this.#isDotAll ? '(?s:.)' : '[^\\n\\r\\x{2028}\\x{2029}]';
      case ']':
      case '}':
      case '{':
        this.#at++;
        return `\\${letter}`;
      default: {
        const codePoint = String.fromCodePoint(this.#pattern.codePointAt(this.#at)!);
        this.#at += codePoint.length;
        return codePoint;
      }
    }
  }

  /** Flags set in a group end with it. */
  #group(): string {
    const isMultiline = this.#isMultiline;
    const text = this.#groupText();
    this.#isMultiline = isMultiline;
    return text;
  }

  #groupText(): string {
    this.#at++;
    if (this.#accept('?>')) {
      const inside = this.#alternatives();
      this.#close();
      return this.#atomic(inside);
    }
    const isDotAll = this.#isDotAll;
    const hasComments = this.#hasComments;
    const text = this.#opening();
    this.#depth++;
    const inside = this.#alternatives();
    this.#depth--;
    this.#isDotAll = isDotAll;
    this.#hasComments = hasComments;
    this.#close();
    return `${text}${inside})`;
  }

  #opening(): string {
    const opening = /^\?(?:<?[=!]|<([A-Za-z][A-Za-z0-9]*)>|([a-z]*)(?:-([a-z]+))?:)/.exec(
      this.#pattern.slice(this.#at),
    );
    if (!opening) return this.#capture();
    const [text, name, on, off] = opening;
    this.#at += text.length;
    if (name !== undefined) return this.#capture(name);
    if (/[=!]/.test(text)) this.#refuseLinear('looks around');
    return on === undefined || text === '?:' ? `(${text}` : `(?${this.#flags(on, off)}:`;
  }

  #capture(name?: string): string {
    const number = ++this.#captures;
    if (name !== undefined) {
      if (this.names.has(name)) throw new SyntaxError(`two groups of the name ${name}`);
      this.names.set(name, number);
    }
    return this.#isLinear ? '(' : `(?<g${number}>`;
  }

  #refuseLinear(what: string): void {
    if (this.#isLinear) throw new SyntaxError(`no linear engine has ${what}`);
  }

  /** `$` and `\Z`; without looking ahead only where nothing can follow. */
  #lastTerminator(): string {
    const terminator = `(?:\\r\\n|[${VERTICAL}])?`;
    if (!this.#isLinear) return `(?=${terminator}${END})`;
    if (this.#depth > 0 || this.#at < this.#pattern.length) this.#refuseLinear('an end before the end');
    this.endsBeforeTerminator = true;
    return `(${linearEscapes(terminator)})\\z`;
  }

  #close(): void {
    if (!this.#accept(')')) throw new SyntaxError("a '(' without its ')'");
  }

  /** `[a-z&&[^bc]]`, `[\\p{Alpha}_]`: classes inside of classes, and what two have in common. */
  #class(): string {
    this.#at++;
    const negated = this.#accept('^') ? '^' : '';
    const operands: string[] = [];
    let items = '';
    this.#skipComments();
    for (let isFirst = true; isFirst || this.#peek() !== ']'; isFirst = false, this.#skipComments()) {
      if (this.#at >= this.#pattern.length) throw new SyntaxError("a '[' without its ']'");
      if (this.#accept('&&')) {
        this.#refuseLinear('what two classes have in common');
        operands.push(`[${items}]`);
        items = '';
      } else {
        items += this.#classItem();
      }
    }
    this.#at++;
    if (operands.length === 0) return `[${negated}${items}]`;
    if (items !== '') operands.push(`[${items}]`);
    return `[${negated}${operands.join('&&')}]`;
  }

  #classItem(): string {
    const letter = this.#peek();
    if (letter === '[') {
      this.#refuseLinear('classes in classes');
      return this.#class();
    }
    if (letter === '\\') return this.#escape(true);
    const codePoint = String.fromCodePoint(this.#pattern.codePointAt(this.#at)!);
    this.#at += codePoint.length;
    const isRange = letter === '-' && this.#peek() !== ']' && !this.#endsClassItems();
    if (isRange) return '-';
    return /[()[\]{}/\-|&!#%,:;<=>@`~]/.test(codePoint) ? `\\${codePoint}` : codePoint;
  }

  /** Whether the '-' just read follows the opening of its class. */
  #endsClassItems(): boolean {
    return /(?:^|[^\\])\[\^?-$/.test(this.#pattern.slice(0, this.#at));
  }

  #escape(inClass: boolean): string {
    const rest = this.#pattern.slice(this.#at + 1);
    const take = (length: number) => {
      this.#at += 1 + length;
    };
    const quoted = /^Q([\s\S]*?)(?:\\E|$)/.exec(rest);
    if (quoted) {
      take(quoted[0].length);
      const letters = inClass ? /[\^$\\.*+?()[\]{}|/\-&!#%,:;<=>@`~]/g : /[\\^$.*+?()[\]{}|/]/g;
      const text = quoted[1]!.replace(letters, '\\$&');
      return inClass ? text : `(?:${text})`;
    }
    const property = /^([pP])(?:\{(\^?)(Is|general_category=|gc=|script=|sc=)?(\w+)\}|([A-Z]))/.exec(rest);
    if (property) {
      take(property[0].length);
      const isNegated = (property[1] === 'P') !== (property[2] === '^');
      const name = property[4] ?? property[5]!;
      const unicode = property[3] === 'Is' ? BINARY_PROPERTIES[name.toLowerCase()] : undefined;
      const named = namedClass(unicode ?? name, isNegated, inClass);
      return this.#isLinear ? this.#linearClass(named, inClass) : named;
    }
    const character = /^(?:x\{([0-9a-fA-F]+)\}|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|0([0-3]?[0-7]{1,2}))/.exec(
      rest,
    );
    if (character) {
      take(character[0].length);
      const code =
        character[4] === undefined
          ? (character[1] ?? character[2] ?? character[3]!)
          : Number.parseInt(character[4], 8).toString(16);
      return this.#isLinear ? `\\x{${code}}` : `\\u{${code}}`;
    }
    const back = inClass ? null : /^(?:([1-9]\d*)|k<([A-Za-z][A-Za-z0-9]*)>)/.exec(rest);
    if (back) {
      this.#refuseLinear('references back');
      const digits = back[1] === undefined ? undefined : this.#knownGroup(back[1]);
      take(digits?.length ?? back[0].length);
      const number = digits === undefined ? this.names.get(back[2]!) : Number(digits);
      if (number === undefined || number > this.#captures)
        throw new SyntaxError(`a reference to group ${digits ?? back[2]}, which is not there yet`);
      return `\\k<g${number}>`;
    }
    const control = /^c([@-_])/.exec(rest);
    if (control) {
      take(2);
      return `\\x${(control[1]!.charCodeAt(0) ^ 64).toString(16).padStart(2, '0')}`;
    }
    const letter = rest[0];
    if (letter === undefined) throw new SyntaxError('a backslash at the end');
    take(1);
    if (letter === 'Z' && !inClass) return this.#lastTerminator();
    if (!this.#isLinear) return escapedLetter(letter, inClass);
    if (letter === 'A' || letter === 'z') return `\\${letter}`;
    return this.#linearClass(escapedLetter(letter, inClass), inClass);
  }

  /** Of the digits of a reference back as many as there is such a group for, at least one. */
  #knownGroup(digits: string): string {
    let length = 1;
    while (length < digits.length && Number(digits.slice(0, length + 1)) <= this.#captures) length++;
    return digits.slice(0, length);
  }

  #linearClass(text: string, inClass: boolean): string {
    if (inClass && text.startsWith('[')) this.#refuseLinear('classes in classes');
    return linearEscapes(text).replace('{Script=', '{');
  }
}

function linearEscapes(text: string): string {
  return text.replace(/\\u([0-9A-F]{4})/g, '\\x{$1}');
}

function namedClass(name: string, isNegated: boolean, inClass: boolean): string {
  const contents = CLASSES[name];
  if (contents === undefined) {
    const sign = isNegated ? 'P' : 'p';
    return /^[A-Z][a-z]?$|^(?:Alphabetic|Lowercase|Uppercase|Ideographic|White_Space)$/.test(name)
      ? `\\${sign}{${name}}`
      : `\\${sign}{Script=${name}}`;
  }
  if (isNegated) return `[^${contents}]`;
  return inClass ? contents : `[${contents}]`;
}

function escapedLetter(letter: string, inClass: boolean): string {
  const short = SHORT_CLASSES[letter.toLowerCase()];
  if (short !== undefined) {
    if (letter !== letter.toLowerCase()) return `[^${short}]`;
    return inClass ? short : `[${short}]`;
  }
  switch (letter) {
    case 't':
    case 'n':
    case 'r':
    case 'f':
      return `\\${letter}`;
    case 'a':
      return '\\x07';
    case 'e':
      return '\\x1B';
    case 'b':
    case 'B':
      return `\\${letter}`;
    case 'A':
      return '(?<![\\s\\S])';
    case 'z':
      return END;
    case 'R':
      return `(?:\\r\\n|[${VERTICAL}])`;
    default:
      if (/[a-zA-Z]/.test(letter)) throw new SyntaxError(`\\${letter} is not known here`);
      return /[\^$\\.*+?()[\]{}|/\-&!#%,:;<=>@`~]/.test(letter) &&
        (inClass || /[\^$\\.*+?()[\]{}|/]/.test(letter))
        ? `\\${letter}`
        : letter;
  }
}
