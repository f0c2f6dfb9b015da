import { civilFromDay, dayFromCivil, daysInMonth, MS_PER_DAY } from '../../data/time.ts';
import { datePattern, type Known } from './date-pattern.ts';
import { type Bound, type ScalarFunction, scalar } from './scalar.ts';
import { simpleDateParser } from './simple-date-format.ts';
import { offsetOfZone, zonedToUtc } from './time-zone.ts';

const CATEGORY = 'DATE / TIME';
const UTC = 'UTC';

/** Patterns are nearly always constants: what the last one was read to is kept. */
function lastOf<T>(read: (pattern: string) => T): (pattern: string) => T {
  let known: { readonly pattern: string; readonly read: T } | undefined;
  return (pattern) => {
    if (known?.pattern !== pattern) known = { pattern, read: read(pattern) };
    return known.read;
  };
}

const patterns = () => lastOf(datePattern);

const UNIT_MS: Readonly<Record<string, number>> = {
  MILLISECOND: 1,
  SECOND: 1000,
  MINUTE: 60_000,
  HOUR: 3_600_000,
  DAY: MS_PER_DAY,
  WEEK: 7 * MS_PER_DAY,
};

/** Months and years go by the calendar: 31 January plus a month is the last of February. */
function addToTimestamp(unit: string, amount: number, ms: number): number {
  const name = unit.toUpperCase().replace(/S$/, '');
  const step = UNIT_MS[name];
  if (step !== undefined) return ms + amount * step;
  const months = name === 'MONTH' ? amount : name === 'YEAR' ? amount * 12 : undefined;
  if (months === undefined) throw new RangeError(`Unknown unit of time: ${unit}`);
  const day = Math.floor(ms / MS_PER_DAY);
  return addMonths(day, months) * MS_PER_DAY + (ms - day * MS_PER_DAY);
}

function addMonths(day: number, months: number): number {
  const { year, month, dayOfMonth } = civilFromDay(day);
  const total = year * 12 + month - 1 + months;
  const newYear = Math.floor(total / 12);
  const newMonth = total - newYear * 12 + 1;
  return dayFromCivil(newYear, newMonth, Math.min(dayOfMonth, daysInMonth(newYear, newMonth)));
}

function addToDate(unit: string, amount: number, day: number): number {
  return Math.floor(addToTimestamp(unit, amount, day * MS_PER_DAY) / MS_PER_DAY);
}

function addToTime(unit: string, amount: number, ms: number): number {
  return ((addToTimestamp(unit, amount, ms) % MS_PER_DAY) + MS_PER_DAY) % MS_PER_DAY;
}

type Add = (unit: string, amount: number, value: number) => number;
const minus =
  (add: Add): Add =>
  (unit, amount, value) =>
    add(unit, -amount, value);

function arithmetic(name: string, what: string, type: string, add: Add): ScalarFunction {
  return scalar(name, CATEGORY, what, [[`UNIT, INTEGER, ${type} -> ${type}`, () => add]]);
}

/** In UTC, whose name depends on the function. */
const formatTimestamp = (utc: string) => () => {
  const pattern = patterns();
  return (ms: number, format: string, zone = utc) => pattern(format).format(ms, zone);
};

const formatPart = (known: Known, unitMs: number) => () => {
  const pattern = patterns();
  return (value: number, format: string) => pattern(format).format(value * unitMs, UTC, known);
};

const parseTimestamp = () => {
  const pattern = patterns();
  return (text: string, format: string, zone = UTC) => pattern(format).parse(text, zone);
};

const formatDate = formatPart('date', MS_PER_DAY);

const parseDate = () => {
  const parser = lastOf(simpleDateParser);
  return (text: string, format: string) => {
    const ms = parser(format)(text);
    if (ms % MS_PER_DAY !== 0) throw new RangeError(`'${text}' says more than a date`);
    return ms / MS_PER_DAY;
  };
};

const parseDay = () => {
  const pattern = patterns();
  return (text: string, format: string) => pattern(format).parseDay(text);
};

const parseTime = () => {
  const pattern = patterns();
  return (text: string, format: string) => pattern(format).parseTime(text);
};

const nowDay =
  ({ effects }: Bound) =>
  () =>
    Math.floor(effects.nowMs() / MS_PER_DAY);

export const DATE_TIME_FUNCTIONS: readonly ScalarFunction[] = [
  scalar('UNIX_TIMESTAMP', CATEGORY, 'Milliseconds since 1970 of a timestamp, or of now.', [
    [
      '-> BIGINT',
      ({ effects }) =>
        () =>
          effects.nowMs(),
    ],
    ['TIMESTAMP -> BIGINT', () => (ms: number) => ms],
  ]),
  scalar('UNIX_DATE', CATEGORY, 'Days since 1970 of a date, or of today.', [
    ['-> INTEGER', nowDay],
    ['DATE -> INTEGER', () => (day: number) => day],
  ]),
  scalar('FROM_UNIXTIME', CATEGORY, 'The timestamp so many milliseconds after 1970.', [
    ['BIGINT -> TIMESTAMP', () => (ms: number) => ms],
  ]),
  scalar('FROM_DAYS', CATEGORY, 'The date so many days after 1970.', [
    ['INTEGER -> DATE', () => (day: number) => day],
  ]),
  scalar(
    'CONVERT_TZ',
    CATEGORY,
    'What clocks in the second zone show when those in the first show the timestamp.',
    [
      [
        'TIMESTAMP, STRING, STRING -> TIMESTAMP',
        () => (ms: number, from: string, to: string) => {
          const instant = zonedToUtc(ms, from);
          return instant + offsetOfZone(to, instant);
        },
      ],
    ],
  ),
  arithmetic('TIMESTAMPADD', 'The timestamp so many units later.', 'TIMESTAMP', addToTimestamp),
  arithmetic('TIMESTAMPSUB', 'The timestamp so many units earlier.', 'TIMESTAMP', minus(addToTimestamp)),
  arithmetic('DATEADD', 'The date so many units later.', 'DATE', addToDate),
  arithmetic('DATESUB', 'The date so many units earlier.', 'DATE', minus(addToDate)),
  arithmetic('TIMEADD', 'The time of day so many units later.', 'TIME', addToTime),
  arithmetic('TIMESUB', 'The time of day so many units earlier.', 'TIME', minus(addToTime)),
  scalar('FORMAT_TIMESTAMP', CATEGORY, 'A timestamp as text by a pattern, optionally in a time zone.', [
    ['TIMESTAMP, STRING -> STRING', formatTimestamp('GMT')],
    ['TIMESTAMP, STRING, STRING -> STRING', formatTimestamp('GMT')],
  ]),
  scalar('PARSE_TIMESTAMP', CATEGORY, 'A timestamp from text by a pattern, optionally in a time zone.', [
    ['STRING, STRING -> TIMESTAMP', parseTimestamp],
    ['STRING, STRING, STRING -> TIMESTAMP', parseTimestamp],
  ]),
  scalar('FORMAT_DATE', CATEGORY, 'A date as text by a pattern.', [['DATE, STRING -> STRING', formatDate]]),
  scalar('PARSE_DATE', CATEGORY, 'A date from text by a pattern.', [['STRING, STRING -> DATE', parseDate]]),
  scalar('FORMAT_TIME', CATEGORY, 'A time of day as text by a pattern.', [
    ['TIME, STRING -> STRING', formatPart('time', 1)],
  ]),
  scalar('PARSE_TIME', CATEGORY, 'A time of day from text by a pattern.', [
    ['STRING, STRING -> TIME', parseTime],
  ]),
  scalar(
    'TIMESTAMPTOSTRING',
    CATEGORY,
    'Milliseconds since 1970 as text by a pattern (old; use FORMAT_TIMESTAMP).',
    [
      ['BIGINT, STRING -> STRING', formatTimestamp(UTC)],
      ['BIGINT, STRING, STRING -> STRING', formatTimestamp(UTC)],
    ],
  ),
  scalar(
    'STRINGTOTIMESTAMP',
    CATEGORY,
    'Milliseconds since 1970 from text by a pattern (old; use PARSE_TIMESTAMP).',
    [
      ['STRING, STRING -> BIGINT', parseTimestamp],
      ['STRING, STRING, STRING -> BIGINT', parseTimestamp],
    ],
  ),
  scalar('DATETOSTRING', CATEGORY, 'Days since 1970 as text by a pattern (old; use FORMAT_DATE).', [
    ['INTEGER, STRING -> STRING', formatDate],
  ]),
  scalar('STRINGTODATE', CATEGORY, 'Days since 1970 from text by a pattern (old; use PARSE_DATE).', [
    ['STRING, STRING -> INTEGER', parseDay],
  ]),
];
