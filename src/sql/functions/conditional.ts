import { compareValues, equalValues } from '../../data/compare.ts';
import type { SqlValue } from '../../data/types.ts';
import { type ScalarFunction, scalar } from './scalar.ts';

const CATEGORY = 'CONDITIONAL';

function extreme(sign: 1 | -1): (...args: SqlValue[]) => SqlValue {
  return (...args) =>
    args.reduce((best, arg) => {
      if (arg === null) return best;
      return best === null || compareValues(arg, best) * sign > 0 ? arg : best;
    }, null);
}

export const CONDITIONAL_FUNCTIONS: readonly ScalarFunction[] = [
  scalar(
    'COALESCE',
    CATEGORY,
    'The first argument that is not null.',
    [
      [
        'T, T... -> T',
        () =>
          (...args: SqlValue[]) =>
            args.find((arg) => arg !== null) ?? null,
      ],
    ],
    { seesNull: true },
  ),
  scalar(
    'IFNULL',
    CATEGORY,
    'The first argument, or the second when the first is null.',
    [['T, T -> T', () => (a: SqlValue, b: SqlValue) => a ?? b]],
    { seesNull: true },
  ),
  scalar(
    'NULLIF',
    CATEGORY,
    'Null when both arguments are equal, else the first.',
    [['T, T -> T', () => (a: SqlValue, b: SqlValue) => (equalValues(a, b) ? null : a)]],
    { seesNull: true },
  ),
  scalar(
    'AS_VALUE',
    CATEGORY,
    'A copy of a key column for the value part of a row.',
    [['T -> T', () => (a: SqlValue) => a]],
    { seesNull: true },
  ),
  scalar(
    'GREATEST',
    CATEGORY,
    'The largest of the arguments that are not null.',
    [['T, T... -> T', () => extreme(1)]],
    {
      seesNull: true,
      wantsOneType: true,
    },
  ),
  scalar(
    'LEAST',
    CATEGORY,
    'The smallest of the arguments that are not null.',
    [['T, T... -> T', () => extreme(-1)]],
    {
      seesNull: true,
      wantsOneType: true,
    },
  ),
];
