import { dayFromCivil, daysInMonth, isLeapYear, MS_PER_DAY } from '../../data/time.ts';
import { zonedToUtc, zoneOfName } from './time-zone.ts';

/** What was read, by pattern letter; `zone` is a name or an offset. M, E and Q count from 1, a and G from 0. */
export type Fields = Map<string, number | string>;

/** Ms since 1970; what the text does not say is 1970-01-01T00:00 in `zone`. */
export function timestampOf(fields: Fields, zone: string, text: string): number {
  const clock = clockOf(fields, text);
  const written = fields.get('zone');
  const local = calendarDay(fields, text) * MS_PER_DAY + clock;
  return zonedToUtc(local, written === undefined ? zone : zoneOfName(String(written)));
}

const DATE_LETTERS = [...'GyuYQqMwWdDFE'];

export function timeOf(fields: Fields, text: string): number {
  if (DATE_LETTERS.some((letter) => fields.has(letter)))
    throw new RangeError(`'${text}' says more than a time`);
  const isSaid = fields.has('H') || fields.has('k') || fields.has('A') || fields.has('N');
  const isHalfSaid = fields.has('a') && (fields.has('h') || fields.has('K'));
  if (!isSaid && !isHalfSaid) throw new RangeError(`'${text}' does not say the hour`);
  return clockOf(fields, text) % MS_PER_DAY;
}

export function dayOf(fields: Fields, text: string): number {
  const hasYear = fields.has('y') || fields.has('u');
  if (!hasYear || !(fields.has('D') || (fields.has('M') && fields.has('d'))))
    throw new RangeError(`'${text}' does not say a whole date`);
  // Noted so that hours which do not exist are refused here too; 24:00 is the day after.
  return calendarDay(fields, text) + Math.floor(clockOf(fields, text) / MS_PER_DAY);
}

function read(
  fields: Fields,
  letter: string,
  least: number,
  most: number,
  otherwise: number,
  text: string,
): number {
  const value = fields.get(letter);
  if (value === undefined) return otherwise;
  if (Number(value) < least || Number(value) > most)
    throw new RangeError(`'${text}': ${value} is not from ${least} to ${most}`);
  return Number(value);
}

/** A day beyond the end of its month is its last: 31 June is 30 June. */
function calendarDay(fields: Fields, text: string): number {
  const ofEra = fields.get('y');
  const year = Number(
    fields.get('u') ?? (ofEra === undefined ? 1970 : fields.get('G') === 0 ? 1 - Number(ofEra) : ofEra),
  );
  const day = fields.has('D') ? dayOfYear(fields, year, text) : dayOfMonth(fields, year, text);
  const weekday = read(fields, 'E', 1, 7, 0, text);
  if (weekday > 0 && weekday !== ((((day + 3) % 7) + 7) % 7) + 1)
    throw new RangeError(`'${text}' names a weekday that it is not`);
  return day;
}

function dayOfYear(fields: Fields, year: number, text: string): number {
  const nth = read(fields, 'D', 1, isLeapYear(year) ? 366 : 365, 1, text);
  return dayFromCivil(year, 1, 1) + nth - 1;
}

function dayOfMonth(fields: Fields, year: number, text: string): number {
  const month = read(fields, 'M', 1, 12, 1, text);
  const day = read(fields, 'd', 1, 31, 1, text);
  return dayFromCivil(year, month, Math.min(day, daysInMonth(year, month)));
}

/** Ms since midnight: a whole day for 24:00. */
function clockOf(fields: Fields, text: string): number {
  const nanos = fields.get('N');
  if (nanos !== undefined) return Math.floor(Number(nanos) / 1_000_000);
  if (fields.has('A')) return read(fields, 'A', 0, MS_PER_DAY - 1, 0, text);
  const minute = read(fields, 'm', 0, 59, 0, text);
  const second = read(fields, 's', 0, 59, 0, text);
  const ms = read(
    fields,
    'S',
    0,
    999,
    Math.floor(read(fields, 'n', 0, 999_999_999, 0, text) / 1_000_000),
    text,
  );
  const hour = hourOf(fields, text);
  if (hour === 24 && minute + second + ms > 0) throw new RangeError(`'${text}' is after the end of the day`);
  return ((hour * 60 + minute) * 60 + second) * 1000 + ms;
}

function hourOf(fields: Fields, text: string): number {
  const half = read(fields, 'a', 0, 1, 0, text);
  const ofHalf = fields.has('h') ? read(fields, 'h', 1, 12, 0, text) % 12 : read(fields, 'K', 0, 11, 0, text);
  const ofDay = fields.has('k') ? read(fields, 'k', 1, 24, 0, text) % 24 : ofHalf + half * 12;
  const hour = read(fields, 'H', 0, 24, ofDay, text);
  if (fields.has('a') && (fields.has('H') || fields.has('k')) && hour >= 12 !== (half === 1))
    throw new RangeError(`'${text}' says two halves of the day`);
  return hour;
}
