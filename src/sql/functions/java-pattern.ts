import { civilFromDay, dayFromCivil, daysInMonth, MS_PER_DAY } from '../../data/time.ts';
import { offsetOfZone, zonedToUtc, zoneName } from './time-zone.ts';

/**
 * The letters of Java's DateTimeFormatter that people use:
 *
 *   y u year   M L month (MMM Jan, MMMM January)   d day   D day of year   E weekday   H k h K hours   a AM/PM
 *   m minute   s second   S fraction   n nano   X x Z offset   V z zone name   '...' text   [ ] optional part
 */
type Item =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'field'; readonly letter: string; readonly count: number }
  | { readonly kind: 'optional'; readonly items: readonly Item[] };

export interface JavaPattern {
  /** `ms` since 1970, shown in a zone. */
  format(ms: number, zone: string): string;
  /** Ms since 1970; a text without a zone is taken in `zone`. Throws RangeError. */
  parse(text: string, zone: string): number;
}

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);
const DAYS = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split(' ');
const LETTERS = 'yuMLdDEHkhKamsSnXxZVz';

/** How long what a letter shows stays the same; a day if it is not here. */
const SPANS_MS: Readonly<Record<string, number>> = {
  ...{ H: 3_600_000, k: 3_600_000, h: 3_600_000, K: 3_600_000, a: 3_600_000 },
  ...{ m: 60_000, s: 1_000, S: 1, n: 1 },
  // A zone may change its name whenever it likes.
  z: 1,
};

export function javaPattern(pattern: string): JavaPattern {
  const items = parsePattern(pattern);
  const spanMs = spanOf(items);
  // A stream's times follow each other: the text for the last one is nearly always that for the next.
  let last = { span: Number.NaN, offset: 0, zone: '', text: '' };
  return {
    format: (ms, zone) => {
      const offset = offsetOfZone(zone, ms);
      const span = Math.floor((ms + offset) / spanMs);
      if (last.span !== span || last.offset !== offset || last.zone !== zone)
        last = { span, offset, zone, text: formatItems(items, ms + offset, offset, zone) };
      return last.text;
    },
    parse: (text, zone) => {
      const fields = new Map<string, number | string>();
      const end = parseItems(items, text, 0, fields);
      if (end !== text.length) throw new RangeError(`'${text}' does not fit the pattern '${pattern}'`);
      return assemble(fields, text, zone);
    },
  };
}

function spanOf(items: readonly Item[]): number {
  const spans = items.map((item) => {
    if (item.kind === 'text') return MS_PER_DAY;
    return item.kind === 'optional' ? spanOf(item.items) : (SPANS_MS[item.letter] ?? MS_PER_DAY);
  });
  return Math.min(MS_PER_DAY, ...spans);
}

function parsePattern(pattern: string): readonly Item[] {
  let at = 0;
  const read = (nested: boolean): Item[] => {
    const items: Item[] = [];
    while (at < pattern.length) {
      const char = pattern[at]!;
      if (char === ']' && nested) return items;
      if (char === '[') {
        at++;
        items.push({ kind: 'optional', items: read(true) });
        if (pattern[at] !== ']') throw new RangeError(`Pattern '${pattern}' has a [ without ]`);
        at++;
      } else if (char === "'") {
        items.push({ kind: 'text', text: readQuoted() });
      } else if (/[a-zA-Z]/.test(char)) {
        let count = 1;
        while (pattern[at + count] === char) count++;
        if (!LETTERS.includes(char))
          throw new RangeError(`Pattern '${pattern}': letter ${char} is not supported`);
        items.push({ kind: 'field', letter: char, count });
        at += count;
      } else {
        items.push({ kind: 'text', text: char });
        at++;
      }
    }
    return items;
  };
  const readQuoted = (): string => {
    const end = pattern.indexOf("'", at + 1);
    if (end < 0) throw new RangeError(`Pattern '${pattern}' has a quote without end`);
    const text = pattern.slice(at + 1, end);
    at = end + 1;
    return text === '' ? "'" : text;
  };
  return read(false);
}

function formatItems(items: readonly Item[], localMs: number, offset: number, zone: string): string {
  return items
    .map((item) => {
      if (item.kind === 'text') return item.text;
      if (item.kind === 'optional') return formatItems(item.items, localMs, offset, zone);
      return formatField(item.letter, item.count, localMs, offset, zone);
    })
    .join('');
}

function formatField(letter: string, count: number, localMs: number, offset: number, zone: string): string {
  const day = Math.floor(localMs / MS_PER_DAY);
  const clock = localMs - day * MS_PER_DAY;
  const { year, month, dayOfMonth } = civilFromDay(day);
  const hour = Math.floor(clock / 3_600_000);
  const pad = (value: number) => String(value).padStart(count, '0');
  switch (letter) {
    case 'y':
    case 'u':
      return count === 2 ? String(year % 100).padStart(2, '0') : pad(year);
    case 'M':
    case 'L':
      if (count >= 4) return MONTHS[month - 1]!;
      return count === 3 ? MONTHS[month - 1]!.slice(0, 3) : pad(month);
    case 'd':
      return pad(dayOfMonth);
    case 'D':
      return pad(day - dayFromCivil(year, 1, 1) + 1);
    case 'E': {
      const name = DAYS[(((day + 3) % 7) + 7) % 7]!;
      return count >= 4 ? name : name.slice(0, 3);
    }
    case 'H':
      return pad(hour);
    case 'k':
      return pad(hour === 0 ? 24 : hour);
    case 'h':
      return pad(hour % 12 === 0 ? 12 : hour % 12);
    case 'K':
      return pad(hour % 12);
    case 'a':
      return hour < 12 ? 'AM' : 'PM';
    case 'm':
      return pad(Math.floor(clock / 60_000) % 60);
    case 's':
      return pad(Math.floor(clock / 1000) % 60);
    case 'S':
      return String(clock % 1000)
        .padStart(3, '0')
        .padEnd(count, '0')
        .slice(0, count);
    case 'n':
      return pad((clock % 1000) * 1_000_000);
    case 'V':
      return zone;
    case 'z':
      return zoneName(zone, localMs - offset, count >= 4 ? 'long' : 'short');
    default:
      return offsetText(letter, count, offset);
  }
}

/** X: Z for zero, x: never; one letter +01, two +0100, three +01:00. Z: +0100. */
function offsetText(letter: string, count: number, offset: number): string {
  if (letter === 'X' && offset === 0) return 'Z';
  const minutes = Math.abs(Math.round(offset / 60_000));
  const hh = String(Math.floor(minutes / 60)).padStart(2, '0');
  const mm = String(minutes % 60).padStart(2, '0');
  const sign = offset < 0 ? '-' : '+';
  if (letter !== 'Z' && count === 1) return minutes % 60 === 0 ? sign + hh : sign + hh + mm;
  return sign + hh + (letter !== 'Z' && count >= 3 ? ':' : '') + mm;
}

function parseItems(
  items: readonly Item[],
  text: string,
  start: number,
  fields: Map<string, number | string>,
): number {
  let at = start;
  for (const [i, item] of items.entries()) {
    if (item.kind === 'text') {
      // ksqlDB parses without regard to case: T may be t.
      if (text.slice(at, at + item.text.length).toLowerCase() !== item.text.toLowerCase())
        throw new RangeError(`'${text}': expected '${item.text}' at position ${at + 1}`);
      at += item.text.length;
    } else if (item.kind === 'optional') {
      try {
        const inner = new Map(fields);
        at = parseItems(item.items, text, at, inner);
        for (const [name, value] of inner) fields.set(name, value);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
      }
    } else {
      const next = items[i + 1];
      at = parseField(item.letter, item.count, next?.kind === 'field', text, at, fields);
    }
  }
  return at;
}

function parseField(
  letter: string,
  count: number,
  fixed: boolean,
  text: string,
  at: number,
  fields: Map<string, number | string>,
): number {
  const pattern = fieldRegex(letter, count, fixed);
  pattern.lastIndex = at;
  const match = pattern.exec(text)?.[0];
  if (match === undefined)
    throw new RangeError(`'${text}': no ${letter.repeat(count)} at position ${at + 1}`);
  fields.set(letter === 'u' ? 'y' : letter === 'L' ? 'M' : letter, fieldValue(letter, count, match));
  return at + match.length;
}

function fieldRegex(letter: string, count: number, fixed: boolean): RegExp {
  if (letter === 'E' || letter === 'a' || ('ML'.includes(letter) && count >= 3)) return /[A-Za-z]+/y;
  if (letter === 'V' || letter === 'z') return /[A-Za-z][\w/+-]*/y;
  if ('XxZ'.includes(letter)) return /Z|[+-]\d{2}(?::?\d{2})?/iy;
  if (letter === 'S' || fixed || count >= 2) {
    // Two letters mean exactly two digits; four mean at least four for a year (Java's width rules).
    return letter === 'y' || letter === 'u'
      ? count === 2
        ? /\d{2}/y
        : fixed
          ? /\d{4}/y
          : /[+-]?\d{4,9}/y
      : new RegExp(`\\d{${count}}`, 'y');
  }
  return /\d+/y;
}

function fieldValue(letter: string, count: number, text: string): number | string {
  if ('ML'.includes(letter) && count >= 3) {
    const month = MONTHS.findIndex(
      (name) => name.slice(0, 3).toUpperCase() === text.slice(0, 3).toUpperCase(),
    );
    if (month < 0) throw new RangeError(`'${text}' is not a month`);
    return month + 1;
  }
  if (letter === 'S') return Number(text.slice(0, 3).padEnd(3, '0'));
  if ('XxZ'.includes(letter)) return text.toUpperCase();
  if ('yu'.includes(letter) && count === 2) return 2000 + Number(text);
  return 'EaVzXxZ'.includes(letter) ? text : Number(text);
}

function assemble(fields: ReadonlyMap<string, number | string>, text: string, zone: string): number {
  const number = (letter: string, otherwise: number) => Number(fields.get(letter) ?? otherwise);
  const year = number('y', 1970);
  const month = number('M', 1);
  const day = number('d', 1);
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) {
    throw new RangeError(`'${text}' names a day that does not exist`);
  }
  const days = fields.has('D')
    ? dayFromCivil(year, 1, 1) + number('D', 1) - 1
    : dayFromCivil(year, month, day);
  const afternoon = String(fields.get('a') ?? '').toUpperCase() === 'PM' ? 12 : 0;
  const half = fields.has('h')
    ? (number('h', 0) % 12) + afternoon
    : fields.has('K')
      ? number('K', 0) + afternoon
      : 0;
  const hour = fields.has('k') ? number('k', 0) % 24 : number('H', half);
  const minute = number('m', 0);
  const second = number('s', 0);
  if (hour > 23 || minute > 59 || second > 59)
    throw new RangeError(`'${text}' names a time that does not exist`);
  const ms = number('S', Math.floor(number('n', 0) / 1_000_000));
  const local = days * MS_PER_DAY + ((hour * 60 + minute) * 60 + second) * 1000 + ms;
  const written = fields.get('X') ?? fields.get('x') ?? fields.get('Z') ?? fields.get('V') ?? fields.get('z');
  return zonedToUtc(local, written === undefined ? zone : String(written));
}
