/** English, as a server without a locale of its own speaks. */
export const MONTHS =
  'January February March April May June July August September October November December'.split(' ');
export const WEEKDAYS = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split(' ');
export const ERAS = ['Before Christ', 'Anno Domini'];
export const SHORT_ERAS = ['BC', 'AD'];
export const HALVES = ['AM', 'PM'];
export const QUARTERS = ['1st quarter', '2nd quarter', '3rd quarter', '4th quarter'];
export const SHORT_QUARTERS = ['Q1', 'Q2', 'Q3', 'Q4'];

export const SHORT_MONTHS = MONTHS.map((name) => name.slice(0, 3));
export const SHORT_WEEKDAYS = WEEKDAYS.map((name) => name.slice(0, 3));

/** The names that a letter so many times stands for, if it stands for names. */
export function namesOf(letter: string, count: number): readonly string[] | undefined {
  const [short, long] = FORMS[letter] ?? [];
  if (short === undefined || long === undefined || count < FIRST_TEXT[letter]!) return undefined;
  if (count === 5)
    return letter === 'Q' || letter === 'q' ? ['1', '2', '3', '4'] : long.map((name) => name[0]!);
  return count === 4 ? long : short;
}

const FORMS: Readonly<Record<string, readonly [short: readonly string[], long: readonly string[]]>> = {
  G: [SHORT_ERAS, ERAS],
  M: [SHORT_MONTHS, MONTHS],
  L: [SHORT_MONTHS, MONTHS],
  Q: [SHORT_QUARTERS, QUARTERS],
  q: [SHORT_QUARTERS, QUARTERS],
  E: [SHORT_WEEKDAYS, WEEKDAYS],
  e: [SHORT_WEEKDAYS, WEEKDAYS],
  c: [SHORT_WEEKDAYS, WEEKDAYS],
  a: [HALVES, HALVES],
};

/** From how many of a letter on it is a name rather than a number. */
const FIRST_TEXT: Readonly<Record<string, number>> = { G: 1, E: 1, a: 1, M: 3, L: 3, Q: 3, q: 3, e: 3, c: 3 };
