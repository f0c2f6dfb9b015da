import type { SqlValue } from '../../data/types.ts';
import { type ScalarFunction, scalar } from './scalar.ts';

/** A function of which each element of its result is a row. */
export type TableFunction = ScalarFunction;

/** A null and the value itself for each element, in every combination; an element that is null has one choice. */
function cube(list: readonly SqlValue[]): SqlValue[] {
  return list.reduce<SqlValue[][]>(
    (made, item) =>
      made.flatMap((row) =>
        item === null
          ? [[...row, null]]
          : [
              [...row, null],
              [...row, item],
            ],
      ),
    [[]],
  );
}

const CATEGORY = 'TABLE';

export const TABLE_FUNCTIONS: readonly TableFunction[] = [
  scalar('EXPLODE', CATEGORY, 'A row for each element of an array.', [
    ['ARRAY<T> -> ARRAY<T>', () => (list: readonly SqlValue[]) => list],
  ]),
  scalar(
    'CUBE_EXPLODE',
    CATEGORY,
    'A row for each combination of the elements of an array, each of which is there or null.',
    [['ARRAY<T> -> ARRAY<ARRAY<T>>', () => cube]],
  ),
];
