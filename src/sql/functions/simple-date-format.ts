import { dayFromCivil, MS_PER_DAY } from '../../data/time.ts';
import { HALVES, MONTHS, SHORT_ERAS, SHORT_MONTHS, SHORT_WEEKDAYS, WEEKDAYS } from './calendar-names.ts';
import { offsetOfZone } from './time-zone.ts';

/**
 * How java.text.SimpleDateFormat reads dates, which ksqlDB's PARSE_DATE follows: numbers need not have as many digits as
 * letters stand for them unless another number follows at once, values beyond their range carry over (31 February is 3 March),
 * what is not said is 1970-01-01, and whatever stands behind what fits is ignored.
 */
export type DateParser = (text: string) => number;

type Values = Map<string, number>;
/** From a position on; gives the one behind what it took, or -1. */
type Step = (text: string, at: number, values: Values) => number;

/** Gives ms since 1970, which are those of a day only if the text says nothing of a time. Throws RangeError. */
export function simpleDateParser(pattern: string): DateParser {
  const steps = stepsOf(pattern);
  return (text) => {
    const values: Values = new Map();
    let at = 0;
    for (const step of steps) {
      at = step(text, at, values);
      if (at < 0) throw new RangeError(`'${text}' does not fit the pattern '${pattern}'`);
    }
    return millisOf(values);
  };
}

function stepsOf(pattern: string): Step[] {
  const tokens = pattern.match(/([A-Za-z])\1*|'(?:[^']|'')*'|[^A-Za-z']+/g) ?? [];
  if (tokens.join('') !== pattern) throw new RangeError(`Pattern '${pattern}' has a quote without end`);
  return tokens.map((token, i) => {
    if (!/^[A-Za-z]/.test(token)) return literal(token === "''" ? "'" : unquoted(token));
    const next = tokens[i + 1];
    return fieldStep(token, next !== undefined && isNumber(next), pattern);
  });
}

function unquoted(token: string): string {
  return token.startsWith("'") ? token.slice(1, -1).replaceAll("''", "'") : token;
}

function literal(expected: string): Step {
  return (text, at) => (text.startsWith(expected, at) ? at + expected.length : -1);
}

function isNumber(token: string): boolean {
  return /^(?:[yYuDdFHhKkmsSwW]|[ML]{1,2}$)/.test(token);
}

const NAMES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  M: [MONTHS, SHORT_MONTHS],
  L: [MONTHS, SHORT_MONTHS],
  E: [WEEKDAYS, SHORT_WEEKDAYS],
  G: [SHORT_ERAS],
  a: [HALVES],
};

function fieldStep(token: string, isBeforeNumber: boolean, pattern: string): Step {
  const letter = token[0]!;
  if (isNumber(token)) return number(letter, token.length, isBeforeNumber);
  const lists = NAMES[letter];
  if (lists !== undefined) return named(letter, lists);
  if ('XZz'.includes(letter)) return zoned;
  throw new RangeError(`Pattern '${pattern}' has the letter ${letter}, which means nothing`);
}

function number(letter: string, count: number, isBeforeNumber: boolean): Step {
  const form = isBeforeNumber ? new RegExp(`()(\\d{1,${count}})`, 'y') : /(\s*)(\d+)/y;
  return (text, at, values) => {
    form.lastIndex = at;
    const digits = form.exec(text)?.[2];
    if (digits === undefined) return -1;
    const isShortYear = (letter === 'y' || letter === 'Y') && count <= 2 && Number(digits) < 100;
    set(values, letter === 'L' ? 'M' : letter, isShortYear ? longYear(Number(digits)) : Number(digits));
    return form.lastIndex;
  };
}

/** Two digits are a year of the last eighty or the next twenty, as seen from 2026. */
function longYear(year: number): number {
  return year < 46 ? 2000 + year : 1900 + year;
}

/** What was said last counts where two letters say the same. */
function set(values: Values, letter: string, value: number): void {
  values.delete(letter);
  values.set(letter, value);
}

function named(letter: string, lists: readonly (readonly string[])[]): Step {
  return (text, at, values) => {
    const rest = text.slice(at, at + 20).toLowerCase();
    for (const names of lists) {
      const index = names.findIndex((name) => rest.startsWith(name.toLowerCase()));
      if (index < 0) continue;
      set(values, letter === 'L' ? 'M' : letter, letter === 'M' || letter === 'L' ? index + 1 : index);
      return at + names[index]!.length;
    }
    return -1;
  };
}

const ZONE = /Z|(?:GMT|UTC)?[+-]\d{2}:?\d{2}|[+-]\d{2}|GMT|UTC/iy;

function zoned(text: string, at: number, values: Values): number {
  ZONE.lastIndex = at;
  const found = ZONE.exec(text)?.[0];
  if (found === undefined) return -1;
  set(values, 'Z', offsetOfZone(found.toUpperCase(), 0));
  return at + found.length;
}

function millisOf(values: Values): number {
  const year = values.get('y') ?? values.get('Y') ?? 1970;
  const days = dayOf(values, values.get('G') === 0 ? 1 - year : year);
  const half = values.get('a') === 1 ? 12 : 0;
  const hours =
    values.get('H') ??
    modulo(values.get('k'), 24) ??
    (modulo(values.get('h'), 12) ?? values.get('K') ?? 0) + half;
  const minutes = hours * 60 + (values.get('m') ?? 0);
  const clock = (minutes * 60 + (values.get('s') ?? 0)) * 1000 + (values.get('S') ?? 0);
  return days * MS_PER_DAY + clock - (values.get('Z') ?? 0);
}

/** Hours that are counted from 1 to 12 or 24 begin again at the last. */
function modulo(value: number | undefined, length: number): number | undefined {
  return value === length ? 0 : value;
}

function dayOf(values: Values, year: number): number {
  const letters = [...values.keys()];
  const isOfYear = letters.lastIndexOf('D') > Math.max(letters.lastIndexOf('d'), letters.lastIndexOf('M'));
  if (isOfYear) return dayFromCivil(year, 1, 1) + values.get('D')! - 1;
  const months = year * 12 + (values.get('M') ?? 1) - 1;
  const first = dayFromCivil(Math.floor(months / 12), (((months % 12) + 12) % 12) + 1, 1);
  return first + (values.get('d') ?? 1) - 1;
}
