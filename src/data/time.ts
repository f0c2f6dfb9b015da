/**
 * TIMESTAMP (ms since 1970, UTC), DATE (days since 1970) and TIME (ms of the day) as text, by the proleptic
 * Gregorian calendar. What is printed can be read back; reading also takes shortened forms and zone offsets.
 */
export const MS_PER_DAY = 86_400_000;

/** `2024-03-05T07:08:09.010` */
export function formatTimestamp(ms: number): string {
  const day = Math.floor(ms / MS_PER_DAY);
  return `${formatDate(day)}T${clockText(ms - day * MS_PER_DAY)}`;
}

/** `2024-03-05` */
export function formatDate(day: number): string {
  const { year, month, dayOfMonth } = civilFromDay(day);
  const text = year < 0 ? `-${pad(-year, 4)}` : year > 9999 ? `+${year}` : pad(year, 4);
  return `${text}-${pad(month, 2)}-${pad(dayOfMonth, 2)}`;
}

/** As Java's LocalTime: `07:08`, seconds and milliseconds only when they are not zero. */
export function formatTime(ms: number): string {
  const full = clockText(ms);
  if (ms % 1000 !== 0) return full;
  return ms % 60_000 === 0 ? full.slice(0, 5) : full.slice(0, 8);
}

function clockText(ms: number): string {
  const hour = Math.floor(ms / 3_600_000);
  const minute = Math.floor(ms / 60_000) % 60;
  const second = Math.floor(ms / 1000) % 60;
  return `${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}.${pad(ms % 1000, 3)}`;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

const TIMESTAMP =
  /^([+-]?\d{4,6})(?:-(\d{1,2})(?:-(\d{1,2})(?:[T ](?:(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,9}))?)?)?)?)?)?)?(Z|[+-]\d{2}(?::?\d{2})?)?$/;

/** ISO text, missing parts padded: `2020`, `2020-02-23T23`, `2020-02-23T23:45:12.5+01:00`. Throws RangeError. */
export function parseTimestamp(text: string): number {
  const match = TIMESTAMP.exec(text.trim());
  if (match === null)
    throw new RangeError(`'${text}' is not a TIMESTAMP: expected yyyy-MM-dd'T'HH:mm:ss.SSS`);
  const [, year, month = '1', day = '1', hour = '0', minute = '0', second = '0', fraction = '0', zone] =
    match;
  const days = dayFromParts(Number(year), Number(month), Number(day), text);
  // ISO 8601: 24:00 is the end of the day.
  const isEndOfDay = Number(hour) === 24 && Number(minute) + Number(second) + Number(fraction) === 0;
  const clock = isEndOfDay
    ? MS_PER_DAY
    : clockFromParts(Number(hour), Number(minute), Number(second), text) + fractionMs(fraction);
  return days * MS_PER_DAY + clock - offsetMs(zone);
}

const DATE = /^([+-]?\d{4,6})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$/;

/** `2020-02-23`, or shortened. Throws RangeError. */
export function parseDate(text: string): number {
  const match = DATE.exec(text.trim());
  if (match === null) throw new RangeError(`'${text}' is not a DATE: expected yyyy-MM-dd`);
  return dayFromParts(Number(match[1]), Number(match[2] ?? 1), Number(match[3] ?? 1), text);
}

const TIME = /^(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,9}))?)?)?$/;

/** `23:45`, `23:45:12.5`. Throws RangeError. */
export function parseTime(text: string): number {
  const match = TIME.exec(text.trim());
  if (match === null) throw new RangeError(`'${text}' is not a TIME: expected HH:mm:ss.SSS`);
  const [, hour, minute = '0', second = '0', fraction = '0'] = match;
  return clockFromParts(Number(hour), Number(minute), Number(second), text) + fractionMs(fraction);
}

function dayFromParts(year: number, month: number, dayOfMonth: number, text: string): number {
  if (month < 1 || month > 12 || dayOfMonth < 1 || dayOfMonth > daysInMonth(year, month)) {
    throw new RangeError(`'${text}' names a day that does not exist`);
  }
  return dayFromCivil(year, month, dayOfMonth);
}

function clockFromParts(hour: number, minute: number, second: number, text: string): number {
  if (hour > 23 || minute > 59 || second > 59)
    throw new RangeError(`'${text}' names a time that does not exist`);
  return ((hour * 60 + minute) * 60 + second) * 1000;
}

function fractionMs(digits: string): number {
  return Number(digits.slice(0, 3).padEnd(3, '0'));
}

function offsetMs(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || 0);
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

export function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

/** Days since 1970 of a civil date, by counting 400-year eras that start on 1 March (leap days come last). */
export function dayFromCivil(year: number, month: number, dayOfMonth: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + dayOfMonth - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

export function civilFromDay(day: number): { year: number; month: number; dayOfMonth: number } {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    dayOfMonth: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}
