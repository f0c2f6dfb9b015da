import { RegexTranslator } from './java-regex-translator.ts';
import { LinearRegex } from './linear-regex.ts';

/**
 * Java's regular expressions on JavaScript's engine. Most of the two languages is the same; what is not is translated,
 * letter by letter: character classes in classes, POSIX classes, anchors, quoting, flags, possessive and atomic groups.
 */
export interface JavaRegex {
  readonly regex: RegExp;
  /** Which of the engine's groups each group of the pattern became. */
  readonly engineGroupOf: readonly number[];
  /** The groups that have names. */
  readonly names: ReadonlyMap<string, number>;
}

export function javaRegex(pattern: string, flags = ''): JavaRegex {
  const translator = new RegexTranslator(pattern);
  try {
    const regex = new RegExp(translator.translate(), `v${flags}`);
    const linear = translator.mayTryForEver ? linearRegex(pattern, regex) : undefined;
    return { regex: linear ?? regex, engineGroupOf: translator.engineGroupOf, names: translator.names };
  } catch (error) {
    throw new SyntaxError(`'${pattern}' is no regular expression: ${(error as Error).message}`);
  }
}

/** Undefined for what only trying can match: looks around, references back, atomic groups, classes in classes. */
function linearRegex(pattern: string, regex: RegExp): RegExp | undefined {
  const translator = new RegexTranslator(pattern, true);
  try {
    return new LinearRegex(regex, translator.translate(), translator.endsBeforeTerminator);
  } catch {
    return undefined;
  }
}

/** `$1` and `${name}` of a replacement are groups, a backslash takes the next letter as it is. */
export function javaReplacement(
  replacement: string,
  { engineGroupOf, names }: JavaRegex,
): (...match: readonly unknown[]) => string {
  const parts: (string | number)[] = [];
  for (let at = 0; at < replacement.length; at++) {
    const letter = replacement[at]!;
    if (letter === '\\') {
      parts.push(replacement[++at] ?? '');
    } else if (letter === '$') {
      const name = /^\{([A-Za-z][A-Za-z0-9]*)\}/.exec(replacement.slice(at + 1));
      const digit = /^\d/.exec(replacement.slice(at + 1));
      if (name) {
        const number = names.get(name[1]!);
        if (number === undefined) throw new RangeError(`no group of the name ${name[1]}`);
        parts.push(engineGroupOf[number]!);
        at += name[0].length;
        continue;
      }
      if (!digit)
        throw new SyntaxError(`'$' in the replacement '${replacement}' needs the number of a group`);
      let number = digit[0];
      // As many digits as there is such a group for.
      while (
        /\d/.test(replacement[at + number.length + 1] ?? '') &&
        Number(number + replacement[at + number.length + 1]) < engineGroupOf.length
      )
        number += replacement[at + number.length + 1];
      if (Number(number) >= engineGroupOf.length) throw new RangeError(`no group ${number}`);
      parts.push(engineGroupOf[Number(number)]!);
      at += number.length;
    } else {
      parts.push(letter);
    }
  }
  return (...match) =>
    parts
      .map((part) => (typeof part === 'string' ? part : ((match[part] as string | undefined) ?? '')))
      .join('');
}
