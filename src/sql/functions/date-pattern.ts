import { formatPattern } from './date-pattern-format.ts';
import { parsePattern } from './date-pattern-parse.ts';

/**
 * The pattern letters of Java's DateTimeFormatter:
 *
 *   G era   y u year   Y week-based year   Q q quarter   M L month   w W week   d day   D day of year   F week of month
 *   E e c weekday   a AM/PM   H k h K hour   m minute   s second   S fraction   A n N since midnight, of the second
 *   V z zone   O X x Z offset   '...' text   [ ] optional part
 */
export type Item =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'field'; readonly letter: string; readonly count: number }
  | { readonly kind: 'optional'; readonly items: readonly Item[] };

/** What of a moment is known: a DATE has no time, a TIME no date. */
export type Known = 'date' | 'time' | 'both';

export interface DatePattern {
  /** `ms` since 1970, shown in a zone. Throws RangeError for letters of what is not known. */
  format(ms: number, zone: string, known?: Known): string;
  /** Ms since 1970; a text without a zone is taken in `zone`, and what it does not say is 1970-01-01T00:00. Throws RangeError. */
  parse(text: string, zone: string): number;
  /** Ms of the day. Throws RangeError for a text that does not say the hour, or says anything of a date. */
  parseTime(text: string): number;
  /** Days since 1970. Throws RangeError for a text that does not say the whole date. */
  parseDay(text: string): number;
}

export function datePattern(pattern: string): DatePattern {
  const items = new PatternReader(pattern).items();
  return { format: formatPattern(items), ...parsePattern(items, pattern) };
}

/** How often a letter may stand at most. */
const MOST = new Map(
  'G5 y19 u19 Y19 Q5 q5 M5 L5 w2 W1 d2 D3 F1 E5 e5 c5 a1 H2 k2 h2 K2 m2 s2 S9 A19 n19 N19 V2 z4 O4 X5 x5 Z5'
    .split(' ')
    .map((entry) => [entry[0]!, Number(entry.slice(1))]),
);
/** Those that stand so many times or not at all. */
const ONLY: Readonly<Record<string, readonly number[]>> = { V: [2], O: [1, 4] };

class PatternReader {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  items(): Item[] {
    const items = this.#list();
    if (this.#at < this.#pattern.length) throw this.#error('has a ] without [');
    return items;
  }

  /** Up to the end or the ] of an optional part; as in Java that one may be missing at the end. */
  #list(): Item[] {
    const items: Item[] = [];
    while (this.#at < this.#pattern.length && this.#pattern[this.#at] !== ']') items.push(this.#item());
    return items;
  }

  #item(): Item {
    const letter = this.#pattern[this.#at]!;
    if (letter === '[') {
      this.#at++;
      const items = this.#list();
      this.#at++;
      return { kind: 'optional', items };
    }
    if (letter === "'") return { kind: 'text', text: this.#quoted() };
    if (/[a-zA-Z]/.test(letter)) return this.#field(letter);
    if (/[{}#]/.test(letter)) throw this.#error(`has a ${letter}, which Java reserves`);
    this.#at++;
    return { kind: 'text', text: letter };
  }

  #field(letter: string): Item {
    const start = this.#at;
    while (this.#pattern[this.#at] === letter) this.#at++;
    const count = this.#at - start;
    const most = MOST.get(letter);
    if (most === undefined) throw this.#error(`has the letter ${letter}, which means nothing`);
    if (count > most || ONLY[letter]?.includes(count) === false)
      throw this.#error(`cannot have the letter ${letter} ${count} times`);
    return { kind: 'field', letter, count };
  }

  #quoted(): string {
    let text = '';
    for (let from = this.#at + 1; ; ) {
      const end = this.#pattern.indexOf("'", from);
      if (end < 0) throw this.#error('has a quote without end');
      text += this.#pattern.slice(from, end);
      from = end + 2;
      this.#at = end + 1;
      // Two quotes are one letter of the text.
      if (this.#pattern[end + 1] !== "'") return text === '' ? "'" : text;
      text += "'";
    }
  }

  #error(what: string): RangeError {
    return new RangeError(`Pattern '${this.#pattern}' ${what}`);
  }
}
