import { type Random, randomInt } from '../../base/random.ts';
import { SettingsError } from '../settings-error.ts';

/** Makes one text that the expression matches. */
export type MakeText = (random: Random) => string;

/** What `*`, `+` and `{n,}` add to the least they allow. */
const MOST_REPEATS = 8;
const DIGITS = range('0', '9');
const WORD = [...range('a', 'z'), ...range('A', 'Z'), ...DIGITS, '_'];
const PRINTABLE = range(' ', '~');
const CLASSES: Readonly<Record<string, readonly string[]>> = {
  d: DIGITS,
  w: WORD,
  s: [' '],
  D: without(DIGITS),
  W: without(WORD),
  S: without([' ']),
};
const CONTROLS: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/**
 * Compiles a regular expression to what writes texts instead of reading them: literals, classes, groups, alternatives and
 * repetitions. Anchors say nothing here; what looks around or back is refused.
 */
export function textOfRegex(regex: string): MakeText {
  return new RegexParser(regex).whole();
}

class RegexParser {
  readonly #regex: string;
  #at = 0;

  constructor(regex: string) {
    this.#regex = regex;
  }

  whole(): MakeText {
    const make = this.#alternatives();
    if (this.#at < this.#regex.length) this.#refuse('has a ) without its (');
    return make;
  }

  #alternatives(): MakeText {
    const all = [this.#sequence()];
    while (this.#skip('|')) all.push(this.#sequence());
    return all.length === 1 ? all[0]! : (random) => pick(random, all)(random);
  }

  #sequence(): MakeText {
    const parts: MakeText[] = [];
    while (this.#at < this.#regex.length && !'|)'.includes(this.#peek())) parts.push(this.#repeated());
    return (random) => parts.map((part) => part(random)).join('');
  }

  #repeated(): MakeText {
    const one = this.#atom();
    const bounds = this.#bounds();
    if (!bounds) return one;
    // Whether it is greedy does not matter to who writes.
    if (!this.#skip('?')) this.#skip('+');
    const [least, most] = bounds;
    return (random) => {
      let text = '';
      for (let left = least + randomInt(random, most - least + 1); left > 0; left--) text += one(random);
      return text;
    };
  }

  #bounds(): readonly [least: number, most: number] | undefined {
    if (this.#skip('?')) return [0, 1];
    if (this.#skip('*')) return [0, MOST_REPEATS];
    if (this.#skip('+')) return [1, 1 + MOST_REPEATS];
    const match = /^\{(\d+)(,(\d*))?\}/.exec(this.#regex.slice(this.#at));
    if (!match) return undefined;
    this.#at += match[0].length;
    const least = Number(match[1]);
    const most = match[2] === undefined ? least : match[3] ? Number(match[3]) : least + MOST_REPEATS;
    if (most < least) this.#refuse(`repeats at most ${most} times what it repeats at least ${least} times`);
    return [least, most];
  }

  #atom(): MakeText {
    const char = this.#next();
    switch (char) {
      case '(':
        return this.#group();
      case '[':
        return oneOf(this.#class());
      case '.':
        return oneOf(PRINTABLE);
      case '^':
      case '$':
        return () => '';
      case '*':
      case '+':
      case '?':
        return this.#refuse(`repeats nothing with ${char}`);
      case '\\':
        return oneOf(this.#escape());
      default:
        return () => char;
    }
  }

  #group(): MakeText {
    const kind = /^\?(<\w+>|.)/.exec(this.#regex.slice(this.#at));
    if (kind && kind[0] !== '?:' && kind[1]!.length === 1)
      this.#refuse(`has a group (${kind[0]}, which cannot be written`);
    if (kind) this.#at += kind[0].length;
    const inside = this.#alternatives();
    if (!this.#skip(')')) this.#refuse('has a ( without its )');
    return inside;
  }

  #class(): readonly string[] {
    const isNegated = this.#skip('^');
    const chars: string[] = [];
    do {
      const from = this.#classChars();
      if (from.length === 1 && this.#peek() === '-' && this.#regex[this.#at + 1] !== ']') {
        this.#at++;
        chars.push(...range(from[0]!, this.#classChars()[0]!));
      } else chars.push(...from);
    } while (!this.#skip(']'));
    const all = isNegated ? without(chars) : chars;
    return all.length > 0 ? all : this.#refuse('has a class without any character');
  }

  #classChars(): readonly string[] {
    const char = this.#next();
    return char === '\\' ? this.#escape() : [char];
  }

  #escape(): readonly string[] {
    const char = this.#next();
    if (/[1-9bBAzZk]/.test(char)) this.#refuse(`has \\${char}, which cannot be written`);
    return CLASSES[char] ?? [CONTROLS[char] ?? char];
  }

  #peek(): string {
    return this.#regex[this.#at] ?? '';
  }

  #next(): string {
    return this.#regex[this.#at++] ?? this.#refuse('ends too early');
  }

  #skip(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at++;
    return true;
  }

  #refuse(why: string): never {
    throw new SettingsError(`the regex '${this.#regex}' ${why} (at character ${this.#at})`);
  }
}

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[randomInt(random, items.length)]!;
}

function oneOf(chars: readonly string[]): MakeText {
  return chars.length === 1 ? () => chars[0]! : (random) => pick(random, chars);
}

function range(from: string, to: string): string[] {
  const first = from.charCodeAt(0);
  const count = Math.max(0, to.charCodeAt(0) - first + 1);
  return Array.from({ length: count }, (_, index) => String.fromCharCode(first + index));
}

function without(chars: readonly string[]): readonly string[] {
  return range(' ', '~').filter((char) => !chars.includes(char));
}
