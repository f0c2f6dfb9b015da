import { civilFromDay, dayFromCivil, isLeapYear, MS_PER_DAY } from '../../data/time.ts';
import { namesOf } from './calendar-names.ts';
import type { Item, Known } from './date-pattern.ts';
import { offsetOfZone, zoneName } from './time-zone.ts';

/** A moment as the clocks and calendars of a zone show it. */
interface Moment {
  readonly day: number;
  readonly year: number;
  readonly month: number;
  readonly dayOfMonth: number;
  /** Ms since midnight. */
  readonly clock: number;
  readonly utcMs: number;
  readonly offsetMs: number;
  readonly zone: string;
  readonly known: Known;
}

type Text = (moment: Moment) => string;

/** How long what a letter shows stays the same; a day if it is not here. */
const SPANS_MS: Readonly<Record<string, number>> = {
  ...{ H: 3_600_000, k: 3_600_000, h: 3_600_000, K: 3_600_000, a: 3_600_000 },
  ...{ m: 60_000, s: 1_000, S: 1, A: 1, n: 1, N: 1 },
  // A zone may change its name whenever it likes.
  z: 1,
};

export function formatPattern(items: readonly Item[]): (ms: number, zone: string, known?: Known) => string {
  const text = sequence(items);
  const spanMs = spanOf(items);
  // A stream's times follow each other: the text for the last one is nearly always that for the next.
  let last = { span: Number.NaN, offsetMs: 0, zone: '', known: 'both', text: '' };
  return (ms, zone, known = 'both') => {
    const offsetMs = offsetOfZone(zone, ms);
    const span = Math.floor((ms + offsetMs) / spanMs);
    if (last.span !== span || last.offsetMs !== offsetMs || last.zone !== zone || last.known !== known)
      last = { span, offsetMs, zone, known, text: text(momentAt(ms, offsetMs, zone, known)) };
    return last.text;
  };
}

function spanOf(items: readonly Item[]): number {
  const spans = items.map((item) => {
    if (item.kind === 'text') return MS_PER_DAY;
    return item.kind === 'optional' ? spanOf(item.items) : (SPANS_MS[item.letter] ?? MS_PER_DAY);
  });
  return Math.min(MS_PER_DAY, ...spans);
}

function momentAt(utcMs: number, offsetMs: number, zone: string, known: Known): Moment {
  const day = Math.floor((utcMs + offsetMs) / MS_PER_DAY);
  const clock = utcMs + offsetMs - day * MS_PER_DAY;
  return { ...civilFromDay(day), day, clock, utcMs, offsetMs, zone, known };
}

function sequence(items: readonly Item[]): Text {
  const texts = items.map(textOf);
  return (moment) => {
    let result = '';
    for (const text of texts) result += text(moment);
    return result;
  };
}

function textOf(item: Item): Text {
  if (item.kind === 'text') return () => item.text;
  if (item.kind === 'field') return checked(item.letter, fieldOf(item.letter, item.count));
  const inside = sequence(item.items);
  return (moment) => {
    try {
      return inside(moment);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return '';
    }
  };
}

const DATE_LETTERS = 'GyuYQqMLwWdDFEec';
const TIME_LETTERS = 'aHkhKmsSAnN';

function checked(letter: string, text: Text): Text {
  const needs = DATE_LETTERS.includes(letter) ? 'date' : TIME_LETTERS.includes(letter) ? 'time' : undefined;
  if (needs === undefined) return text;
  return (moment) => {
    if (moment.known !== 'both' && moment.known !== needs)
      throw new RangeError(`A ${moment.known} has nothing for the letter ${letter}`);
    return text(moment);
  };
}

function fieldOf(letter: string, count: number): Text {
  const names = namesOf(letter, count);
  const value = NUMBERS[letter];
  if (names !== undefined) {
    const index = INDEXES[letter]!;
    return (moment) => names[index(moment)]!;
  }
  if ('yuY'.includes(letter)) return (moment) => yearText(value!(moment), count);
  if (value !== undefined) return (moment) => String(value(moment)).padStart(count, '0');
  if (letter === 'S')
    return (moment) =>
      String(moment.clock % 1000)
        .padStart(3, '0')
        .padEnd(count, '0')
        .slice(0, count);
  if (letter === 'V') return (moment) => moment.zone;
  if (letter === 'z') return ({ zone, utcMs }) => zoneName(zone, utcMs, count >= 4 ? 'long' : 'short');
  return (moment) => offsetText(letter, count, moment.offsetMs);
}

const hourOf = (moment: Moment) => Math.floor(moment.clock / 3_600_000);
const weekdayOf = (moment: Moment) => (((moment.day + 3) % 7) + 7) % 7;
const quarterOf = (moment: Moment) => Math.floor((moment.month - 1) / 3);
const dayOfYearOf = (moment: Moment) => moment.day - dayFromCivil(moment.year, 1, 1) + 1;

/** Which of the letter's names it is. */
const INDEXES: Readonly<Record<string, (moment: Moment) => number>> = {
  G: ({ year }) => (year > 0 ? 1 : 0),
  M: ({ month }) => month - 1,
  L: ({ month }) => month - 1,
  Q: quarterOf,
  q: quarterOf,
  E: weekdayOf,
  e: weekdayOf,
  c: weekdayOf,
  a: (moment) => (hourOf(moment) < 12 ? 0 : 1),
};

const NUMBERS: Readonly<Record<string, (moment: Moment) => number>> = {
  y: ({ year }) => (year > 0 ? year : 1 - year),
  u: ({ year }) => year,
  Y: (moment) => weekOfYear(moment).year,
  Q: (moment) => quarterOf(moment) + 1,
  q: (moment) => quarterOf(moment) + 1,
  M: ({ month }) => month,
  L: ({ month }) => month,
  w: (moment) => weekOfYear(moment).week,
  W: (moment) => weekNumber(moment.dayOfMonth, dayOfWeek(moment)),
  d: ({ dayOfMonth }) => dayOfMonth,
  D: dayOfYearOf,
  F: ({ dayOfMonth }) => Math.floor((dayOfMonth - 1) / 7) + 1,
  e: (moment) => dayOfWeek(moment),
  c: (moment) => dayOfWeek(moment),
  H: hourOf,
  k: (moment) => hourOf(moment) || 24,
  h: (moment) => hourOf(moment) % 12 || 12,
  K: (moment) => hourOf(moment) % 12,
  m: ({ clock }) => Math.floor(clock / 60_000) % 60,
  s: ({ clock }) => Math.floor(clock / 1000) % 60,
  A: ({ clock }) => clock,
  n: ({ clock }) => (clock % 1000) * 1_000_000,
  N: ({ clock }) => clock * 1_000_000,
};

/** Two letters: two digits. From four on a sign shows that there are more digits than letters. */
function yearText(year: number, count: number): string {
  const digits = String(Math.abs(year));
  if (count === 2) return digits.slice(-2).padStart(2, '0');
  const sign = year < 0 ? '-' : count >= 4 && digits.length > count ? '+' : '';
  return sign + digits.padStart(count, '0');
}

/** Weeks begin on Sunday, and the one with 1 January is the first. */
function dayOfWeek(moment: Moment): number {
  return ((weekdayOf(moment) + 1) % 7) + 1;
}

/** Of the week that holds the `nth` day of a month or year, which is that day of the week. */
function weekNumber(nth: number, weekday: number): number {
  return Math.floor((nth - weekday + 6) / 7) + 1;
}

function weekOfYear(moment: Moment): { readonly year: number; readonly week: number } {
  const nth = dayOfYearOf(moment);
  const weekday = dayOfWeek(moment);
  const isInNextYear = nth - weekday + 7 > (isLeapYear(moment.year) ? 366 : 365);
  return isInNextYear
    ? { year: moment.year + 1, week: 1 }
    : { year: moment.year, week: weekNumber(nth, weekday) };
}

/** X: Z for zero, x: never; one letter +01, two +0100, three +01:00, more with seconds. Z: +0100, four GMT+01:00. O: GMT+1. */
function offsetText(letter: string, count: number, offsetMs: number): string {
  const seconds = Math.abs(Math.round(offsetMs / 1000));
  const sign = offsetMs < 0 ? '-' : '+';
  const hour = Math.floor(seconds / 3600);
  const [hh, mm, ss] = [hour, Math.floor(seconds / 60) % 60, seconds % 60].map((part) =>
    String(part).padStart(2, '0'),
  );
  if (letter === 'O' || (letter === 'Z' && count === 4)) {
    if (seconds === 0) return 'GMT';
    const rest = count === 4 || mm !== '00' || ss !== '00' ? `:${mm}${ss === '00' ? '' : `:${ss}`}` : '';
    return `GMT${sign}${count === 4 ? hh : hour}${rest}`;
  }
  if (seconds === 0 && (letter === 'X' || (letter === 'Z' && count === 5))) return 'Z';
  const form = letter === 'Z' && count < 4 ? 2 : count;
  const colon = form === 3 || form === 5 ? ':' : '';
  const minutes = form === 1 && mm === '00' ? '' : colon + mm;
  return sign + hh + minutes + (form >= 4 && ss !== '00' ? colon + ss : '');
}
