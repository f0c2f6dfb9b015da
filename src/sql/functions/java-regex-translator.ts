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
  /** Group 0 is the whole match. */
  readonly engineGroupOf: number[] = [0];
  /** Something repeated holds repetitions or alternatives, so a text could be divided among them in exponentially many ways. */
  mayTryForEver = false;
  /** For the linear engine: the last group is the terminator behind the match. */
  endsBeforeTerminator = false;
  readonly #pattern: string;
  readonly #isLinear: boolean;
  #at = 0;
  #depth = 0;
  #choices = 0;
  #engineGroupCount = 0;
  #isMultiline = false;
  #isDotAll = false;

  constructor(pattern: string, isLinear = false) {
    this.#pattern = pattern;
    this.#isLinear = isLinear;
  }

  translate(): string {
    const text = this.#alternatives();
    if (this.#at < this.#pattern.length) throw new SyntaxError(`an unmatched ')' at ${this.#at + 1}`);
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
    while (this.#at < this.#pattern.length && this.#peek() !== ')') {
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
    return text + ')'.repeat(opened.length);
  }

  #flags(on: string, off = ''): string {
    if (/[xU]/.test(on)) throw new SyntaxError(`flag ${/[xU]/.exec(on)![0]} is not known here`);
    if (on.includes('m')) this.#isMultiline = true;
    if (off.includes('m')) this.#isMultiline = false;
    this.#isDotAll = !off.includes('s') && (this.#isDotAll || on.includes('s'));
    if (on.includes('m')) this.#refuseLinear('as many line terminators');
    const known = (letters: string) => [...letters].filter((letter) => 'ims'.includes(letter)).join('');
    return known(off) === '' ? known(on) : `${known(on)}-${known(off)}`;
  }

  #quantified(): string {
    const before = this.#engineGroupCount;
    const choicesBefore = this.#choices;
    const atom = this.#atom();
    const quantifier = /^(?:[*+?]|\{\d+(?:,\d*)?\})/.exec(this.#pattern.slice(this.#at))?.[0];
    if (quantifier === undefined) return atom;
    this.#at += quantifier.length;
    if (quantifier !== '?' && this.#choices > choicesBefore) this.mayTryForEver = true;
    this.#choices++;
    if (this.#accept('?')) return `${atom}${quantifier}?`;
    return this.#accept('+') ? this.#atomic(`${atom}${quantifier}`, before) : `${atom}${quantifier}`;
  }

  /** What has matched is not given back: looked at ahead into a group, and then taken as it was. */
  #atomic(inside: string, groupsBefore: number): string {
    this.#refuseLinear('atomic groups');
    if (this.#engineGroupCount > groupsBefore)
      throw new SyntaxError('possessive quantifiers and atomic groups cannot hold groups here; use (?:...)');
    // By its number: any name may be the pattern's own.
    return `(?:(?=(${inside}))\\${++this.#engineGroupCount})`;
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
      const before = this.#engineGroupCount;
      const inside = this.#alternatives();
      this.#close();
      return this.#atomic(inside, before);
    }
    const opening = /^\?(?:<?[=!]|<[A-Za-z][A-Za-z0-9]*>|([a-z]*)(?:-([a-z]+))?:)/.exec(
      this.#pattern.slice(this.#at),
    );
    let text = '(';
    const isDotAll = this.#isDotAll;
    if (opening) {
      if (/[=!]/.test(opening[0])) this.#refuseLinear('looks around');
      this.#at += opening[0].length;
      const isFlagged = opening[1] !== undefined && opening[0] !== '?:';
      text += isFlagged ? `?${this.#flags(opening[1]!, opening[2])}:` : opening[0];
    }
    if (!opening || /^\?<[A-Za-z]/.test(opening[0])) this.engineGroupOf.push(++this.#engineGroupCount);
    this.#depth++;
    const inside = this.#alternatives();
    this.#depth--;
    this.#isDotAll = isDotAll;
    this.#close();
    return `${text}${inside})`;
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
    for (let isFirst = true; isFirst || this.#peek() !== ']'; isFirst = false) {
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
    const property = /^([pP])(?:\{(\^?)(?:Is|general_category=|gc=|script=|sc=)?(\w+)\}|([A-Z]))/.exec(rest);
    if (property) {
      take(property[0].length);
      const isNegated = (property[1] === 'P') !== (property[2] === '^');
      const named = namedClass(property[3] ?? property[4]!, isNegated, inClass);
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
    const back = /^[1-9]/.exec(rest);
    if (back && !inClass) {
      this.#refuseLinear('references back');
      take(1);
      const group = this.engineGroupOf[Number(back[0])];
      if (group === undefined)
        throw new SyntaxError(`a reference to group ${back[0]}, which is not there yet`);
      return `(?:\\${group})`;
    }
    const name = /^k<[A-Za-z][A-Za-z0-9]*>/.exec(rest);
    if (name) {
      this.#refuseLinear('references back');
      take(name[0].length);
      return `\\${name[0]}`;
    }
    const letter = rest[0];
    if (letter === undefined) throw new SyntaxError('a backslash at the end');
    take(1);
    if (letter === 'Z' && !inClass) return this.#lastTerminator();
    if (!this.#isLinear) return escapedLetter(letter, inClass);
    if (letter === 'A' || letter === 'z') return `\\${letter}`;
    return this.#linearClass(escapedLetter(letter, inClass), inClass);
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
