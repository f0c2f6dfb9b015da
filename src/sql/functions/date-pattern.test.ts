// What java.time.format.DateTimeFormatter gives (Java 17, English).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { datePattern } from './date-pattern.ts';

/** 2024-07-03T09:06:04.057Z, a Wednesday. */
const MS = Date.UTC(2024, 6, 3, 9, 6, 4, 57);
const at = (text: string) => Date.parse(text);

test('letters of a pattern', () => {
  const cases: readonly (readonly [pattern: string, expected: string, zone?: string, ms?: number])[] = [
    ['y yy yyy yyyy yyyyy', '2024 24 2024 2024 02024'],
    ['u uu uuuu', '2024 24 2024'],
    ['M MM MMM MMMM MMMMM', '7 07 Jul July J'],
    ['L LL LLL LLLL', '7 07 Jul July'],
    ['d dd D DD DDD', '3 03 185 185 185'],
    ['E EE EEE EEEE EEEEE', 'Wed Wed Wed Wednesday W'],
    ['e ee eee eeee', '4 04 Wed Wednesday'],
    ['Q QQ QQQ QQQQ q', '3 03 Q3 3rd quarter 3'],
    ['G GGGG GGGGG', 'AD Anno Domini A'],
    ['H HH k kk h hh K KK a', '9 09 9 09 9 09 9 09 AM'],
    ['H k h K a', '0 24 12 0 AM', 'UTC', at('2024-01-01T00:00:00Z')],
    ['H k h K a', '12 12 12 0 PM', 'UTC', at('2024-01-01T12:00:00Z')],
    ['m mm s ss', '6 06 4 04'],
    ['S SS SSS SSSS SSSSSSSSS', '0 05 057 0570 057000000'],
    ['n A N', '57000000 32764057 32764057000000'],
    ['w ww W', '27 27 1'],
    ['YYYY', '2025', 'UTC', at('2024-12-31T00:00:00Z')],
    ['YYYY w', '2024 1', 'UTC', at('2023-12-31T00:00:00Z')],
    ['YYYY w', '2023 52', 'UTC', at('2023-12-30T00:00:00Z')],
    ['X XX XXX XXXX XXXXX', 'Z Z Z Z Z'],
    ['x xx xxx xxxx xxxxx', '+00 +0000 +00:00 +0000 +00:00'],
    ['Z ZZ ZZZ ZZZZ ZZZZZ', '+0000 +0000 +0000 GMT Z'],
    ['O OOOO', 'GMT GMT'],
    [
      'X XX XXX Z ZZZZ ZZZZZ O OOOO',
      '+0530 +0530 +05:30 +0530 GMT+05:30 +05:30 GMT+5:30 GMT+05:30',
      'Asia/Kolkata',
    ],
    ['X x O', '-07 -07 GMT-7', 'America/Los_Angeles'],
    ['VV', 'America/Los_Angeles', 'America/Los_Angeles'],
    ['z zzzz', 'PDT Pacific Daylight Time', 'America/Los_Angeles'],
    ["yyyy-MM-dd'T'HH:mm:ss''SSS", "2024-07-03T09:06:04'057"],
    ["'it''s' h 'o''clock'", "it's 9 o'clock"],
    ['yyyy[-MM[-dd]]', '2024-07-03'],
    ['yyyy[-MM', '2024-07'],
    ['yyyy', '+12024', 'UTC', at('+012024-01-01T00:00:00Z')],
    ['y yyyy G u uuuu', '1 0001 BC 0 0000', 'UTC', at('0000-01-01T00:00:00Z')],
    ['u uuuu y', '-1 -0001 2', 'UTC', at('-000001-01-01T00:00:00Z')],
  ];
  for (const [pattern, expected, zone = 'UTC', ms = MS] of cases)
    assert.equal(datePattern(pattern).format(ms, zone), expected, pattern);
});

test('patterns that are none', () => {
  const patterns = [
    'ddd',
    'HHH',
    'aa',
    'MMMMMM',
    'V',
    'VVV',
    'OO',
    'XXXXXX',
    'b',
    'T',
    'yyyy]',
    "'T",
    '{y}',
    '#',
  ];
  for (const pattern of patterns) assert.throws(() => datePattern(pattern), RangeError, pattern);
});

test('a date has no time, and a time no date', () => {
  assert.equal(datePattern('yyyy[ HH]').format(MS, 'UTC', 'date'), '2024');
  assert.throws(() => datePattern('HH').format(MS, 'UTC', 'date'), /A date has nothing for the letter H/);
  assert.throws(() => datePattern('yyyy').format(MS, 'UTC', 'time'), RangeError);
});

test('texts that a pattern reads', () => {
  const cases: readonly (readonly [pattern: string, text: string, expected: string, zone?: string])[] = [
    ['yyyy-MM-dd HH:mm:ss.SSS', '2024-07-03 09:06:04.057', '2024-07-03T09:06:04.057Z'],
    ['yyyyMMddHHmmssSSS', '20240703090604057', '2024-07-03T09:06:04.057Z'],
    ['yyyyMMdd', '20240703', '2024-07-03T00:00:00Z'],
    ['yyMMdd', '990703', '2099-07-03T00:00:00Z'],
    ['d/M/y', '3/7/2024', '2024-07-03T00:00:00Z'],
    ['Hmm', '930', '1970-01-01T09:30:00Z'],
    ['Hmm', '1930', '1970-01-01T19:30:00Z'],
    ['dd MMM yyyy', '03 jul 2024', '2024-07-03T00:00:00Z'],
    ['EEEE, d MMMM yyyy h:mm a', 'wednesday, 3 July 2024 12:05 am', '2024-07-03T00:05:00Z'],
    ['yyyy', '2024', '2024-01-01T00:00:00Z'],
    ['yyyy-MM', '2024-07', '2024-07-01T00:00:00Z'],
    ['HH:mm', '09:06', '1970-01-01T09:06:00Z'],
    ['yyyy-MM-dd', '2023-02-31', '2023-02-28T00:00:00Z'],
    ['yyyy-MM-dd HH:mm', '2024-07-03 24:00', '2024-07-04T00:00:00Z'],
    ['yyyy-DDD', '2024-366', '2024-12-31T00:00:00Z'],
    ['yyyy G', '0044 BC', '-000043-01-01T00:00:00Z'],
    ['yyyy', '+12024', '+012024-01-01T00:00:00Z'],
    ['yyyy-MM-dd[ HH:mm[:ss]]', '2024-07-03 09:06', '2024-07-03T09:06:00Z'],
    ['yyyy-MM-dd[ HH:mm[:ss]]', '2024-07-03', '2024-07-03T00:00:00Z'],
    ["yyyy-MM-dd'T'HH:mmX", '2024-07-03t09:06z', '2024-07-03T09:06:00Z'],
    ['yyyy-MM-dd HH:mmX', '2024-07-03 09:06+02', '2024-07-03T07:06:00Z'],
    ['yyyy-MM-dd HH:mmXXX', '2024-07-03 09:06+02:30', '2024-07-03T06:36:00Z'],
    ['yyyy-MM-dd HH:mm Z', '2024-07-03 09:06 -0430', '2024-07-03T13:36:00Z'],
    ['yyyy-MM-dd HH:mm VV', '2024-07-03 09:06 Europe/Paris', '2024-07-03T07:06:00Z'],
    ['yyyy-MM-dd HH:mm z', '2024-07-03 09:06 PST', '2024-07-03T16:06:00Z'],
    ['yyyy-MM-dd HH:mm z', '2024-01-03 09:06 EST', '2024-01-03T14:06:00Z'],
    ['yyyy-MM-dd HH:mm O', '2024-07-03 09:06 GMT+2', '2024-07-03T07:06:00Z'],
    ['yyyy-MM-dd HH:mm', '2024-07-03 09:06', '2024-07-03T07:06:00Z', 'Europe/Paris'],
    // Clocks show 02:30 not at all on the first day and twice on the second.
    ['yyyy-MM-dd HH:mm', '2024-03-31 02:30', '2024-03-31T01:30:00Z', 'Europe/Paris'],
    ['yyyy-MM-dd HH:mm', '2024-10-27 02:30', '2024-10-27T01:30:00Z', 'Europe/Paris'],
    ['yyyy-MM-dd HH:mm', '2024-03-10 02:30', '2024-03-10T10:30:00Z', 'America/Los_Angeles'],
    ['yyyy-MM-dd HH:mm', '2024-11-03 01:30', '2024-11-03T09:30:00Z', 'America/Los_Angeles'],
    ['yyyy-MM-dd HH:mm', '2024-11-03 00:30', '2024-11-03T07:30:00Z', 'America/Los_Angeles'],
    ['yyyy-MM-dd HH:mm', '2024-03-10 03:00', '2024-03-10T10:00:00Z', 'America/Los_Angeles'],
  ];
  for (const [pattern, text, expected, zone = 'UTC'] of cases)
    assert.equal(datePattern(pattern).parse(text, zone), at(expected), `${text} by ${pattern}`);
});

test('texts that a pattern does not read', () => {
  const cases: readonly (readonly [pattern: string, text: string])[] = [
    ['yyyy-MM-dd', '2024-7-3'],
    ['yyyy-MM-dd', '2024-07-03x'],
    ['yyyy-MM-dd', '24-07-03'],
    ['yyyy', '12024'],
    ['yyyy-MM-dd', '2024-13-01'],
    ['yyyy-MM-dd', '2024-01-32'],
    ['yyyy-DDD', '2023-366'],
    ['HH:mm', '24:01'],
    ['HH:mm', '12:60'],
    ['hh:mm a', '13:00 PM'],
    ['HH:mm a', '04:05 PM'],
    ['dd MMM yyyy', '03 July 2024'],
    ['dd MMM yyyy', '03 Jly 2024'],
    ['EEE yyyy-MM-dd', 'Thu 2024-07-03'],
    ['HH:mm:ss.SSS', '09:06:04.05'],
    ['HHmmss', '0906'],
  ];
  for (const [pattern, text] of cases)
    assert.throws(() => datePattern(pattern).parse(text, 'UTC'), RangeError, `${text} by ${pattern}`);
});

test('a time says the hour and nothing of a date, a date says all of itself', () => {
  assert.equal(datePattern('h.mm a').parseTime('4.05 PM'), 57_900_000);
  assert.equal(datePattern('HH:mmX').parseTime('16:05+02'), 57_900_000);
  for (const [pattern, text] of [
    ['mm:ss', '05:06'],
    ['h:mm', '4:05'],
    ['yyyy HH', '2024 16'],
  ] as const)
    assert.throws(() => datePattern(pattern).parseTime(text), RangeError, pattern);
  assert.equal(datePattern('yyyy-MM-dd HH').parseDay('1970-01-02 15'), 1);
  assert.equal(datePattern('yyyy-DDD').parseDay('1970-002'), 1);
  for (const [pattern, text] of [
    ['yyyy-MM', '2024-07'],
    ['MM-dd', '07-03'],
  ] as const)
    assert.throws(() => datePattern(pattern).parseDay(text), RangeError, pattern);
});
