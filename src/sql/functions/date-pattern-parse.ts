import { namesOf } from './calendar-names.ts';
import type { Item } from './date-pattern.ts';
import { dayOf, type Fields, timeOf, timestampOf } from './parsed-fields.ts';

/** Reads a text from a position on and says where it stopped. Throws RangeError. */
type Step = (text: string, at: number, fields: Fields) => number;

interface Parsers {
  parse(text: string, zone: string): number;
  parseTime(text: string): number;
  parseDay(text: string): number;
}

export function parsePattern(items: readonly Item[], pattern: string): Parsers {
  const steps = stepsOf(items);
  const fieldsOf = (text: string): Fields => {
    const fields: Fields = new Map();
    const end = run(steps, text, 0, fields);
    if (end !== text.length) throw new RangeError(`'${text}' does not fit the pattern '${pattern}'`);
    return fields;
  };
  return {
    parse: (text, zone) => timestampOf(fieldsOf(text), zone, text),
    parseTime: (text) => timeOf(fieldsOf(text), text),
    parseDay: (text) => dayOf(fieldsOf(text), text),
  };
}

function run(steps: readonly Step[], text: string, start: number, fields: Fields): number {
  let at = start;
  for (const step of steps) at = step(text, at, fields);
  return at;
}

function stepsOf(items: readonly Item[]): Step[] {
  const widths = widthsBehind(items);
  return items.map((item, i) => {
    if (item.kind === 'text') return literal(item.text);
    if (item.kind === 'optional') return optional(stepsOf(item.items));
    const { letter, count } = item;
    const names = namesOf(letter, count);
    if (names !== undefined) return named(letter, count, names);
    const shape = shapeOf(letter, count);
    return shape === undefined ? zoned(letter) : numeric(letter, count, shape, widths[i]!);
  });
}

/** ksqlDB parses without regard to case: T may be t. */
function literal(expected: string): Step {
  const lower = expected.toLowerCase();
  return (text, at) => {
    if (text.slice(at, at + expected.length).toLowerCase() !== lower)
      throw new RangeError(`'${text}': expected '${expected}' at position ${at + 1}`);
    return at + expected.length;
  };
}

function optional(steps: readonly Step[]): Step {
  return (text, at, fields) => {
    try {
      const inside: Fields = new Map(fields);
      const end = run(steps, text, at, inside);
      for (const [letter, value] of inside) fields.set(letter, value);
      return end;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return at;
    }
  };
}

function named(letter: string, count: number, names: readonly string[]): Step {
  const lower = names.map((name) => name.toLowerCase());
  return (text, at, fields) => {
    const rest = text.slice(at, at + 20).toLowerCase();
    const index = lower.findIndex((name) => rest.startsWith(name));
    if (index < 0) throw missing(letter, count, text, at);
    fields.set(canonical(letter), 'MLQqEec'.includes(letter) ? index + 1 : index);
    return at + names[index]!.length;
  };
}

/** How many digits a number may have. */
interface Shape {
  readonly least: number;
  readonly most: number;
  /** `exceeds`: a plus says that there are more digits than letters. */
  readonly sign: 'none' | 'minus' | 'exceeds';
}

function shapeOf(letter: string, count: number): Shape | undefined {
  if ('yuY'.includes(letter)) {
    if (count === 2) return { least: 2, most: 2, sign: 'none' };
    return { least: count, most: 19, sign: count < 4 ? 'minus' : 'exceeds' };
  }
  if (letter === 'S') return { least: count, most: count, sign: 'none' };
  if ('AnN'.includes(letter)) return { least: count, most: 19, sign: 'none' };
  if (letter === 'D' && count > 1) return { least: count, most: 3, sign: 'none' };
  if (!'MLQqwWdDFecHkhKms'.includes(letter)) return undefined;
  return count === 1 ? { least: 1, most: 19, sign: 'minus' } : { least: count, most: count, sign: 'none' };
}

/** For a number directly before others of a fixed width, how many digits it must leave to them. */
function widthsBehind(items: readonly Item[]): number[] {
  const widths = items.map(() => 0);
  let first = -1;
  for (const [i, item] of items.entries()) {
    const isNumber = item.kind === 'field' && namesOf(item.letter, item.count) === undefined;
    const shape = isNumber ? shapeOf(item.letter, item.count) : undefined;
    if (shape === undefined) first = -1;
    else if (first >= 0 && shape.least === shape.most) widths[first]! += shape.most;
    else first = i;
  }
  return widths;
}

function numeric(letter: string, count: number, { least, most, sign }: Shape, behind: number): Step {
  return (text, at, fields) => {
    const hasSign = sign !== 'none' && (text[at] === '-' || (sign === 'exceeds' && text[at] === '+'));
    const start = hasSign ? at + 1 : at;
    let end = start;
    while (end < start + most + behind && isDigit(text, end)) end++;
    if (behind > 0) end = Math.max(start + least, end - behind);
    const isTooLong = sign === 'exceeds' && text[at] !== '-' && (text[at] === '+') === end - start <= least;
    if (!isDigit(text, end - 1) || end - start < least || isTooLong) throw missing(letter, count, text, at);
    fields.set(canonical(letter), numberOf(letter, count, text.slice(at, end)));
    return end;
  };
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

function numberOf(letter: string, count: number, digits: string): number {
  if (letter === 'S') return Number(digits.slice(0, 3).padEnd(3, '0'));
  if ('yu'.includes(letter) && count === 2) return 2000 + Number(digits);
  return Number(digits);
}

/** Letters that say the same. */
function canonical(letter: string): string {
  if (letter === 'L') return 'M';
  return letter === 'e' || letter === 'c' ? 'E' : letter;
}

const OFFSET = /Z|(?:GMT|UTC|UT)?[+-]\d{1,2}(?::?\d{2}(?::?\d{2})?)?|GMT|UTC/iy;
const ZONE = /[A-Za-z][\w/+:-]*|[+-]\d{1,2}(?::?\d{2})*/y;

function zoned(letter: string): Step {
  const form = 'Vz'.includes(letter) ? ZONE : OFFSET;
  return (text, at, fields) => {
    form.lastIndex = at;
    const found = form.exec(text)?.[0];
    if (found === undefined) throw missing(letter, 1, text, at);
    fields.set('zone', form === OFFSET ? found.toUpperCase() : found);
    return at + found.length;
  };
}

function missing(letter: string, count: number, text: string, at: number): RangeError {
  return new RangeError(`'${text}': no ${letter.repeat(count)} at position ${at + 1}`);
}
