import type { SqlType, SqlValue } from '../../../data/types.ts';
import type { Aggregator } from '../aggregate.ts';
import { type AggregateFunction, BIGINT, DOUBLE, struct } from './define.ts';

function isSummable(type: SqlType | undefined): boolean {
  return type !== undefined && ['INTEGER', 'BIGINT', 'DOUBLE'].includes(type.kind);
}

interface Spread {
  count: number;
  sum: number;
  /** Sum of the squared distances from the mean. */
  squares: number;
}

/** What the `count`-th value adds to the squares (Youngs and Cramer 1971): exact where a sum of squares is not. */
function share(x: number, count: number, sum: number): number {
  return (count * x - sum) ** 2 / (count * (count - 1));
}

function deviation(name: string, description: string, result: (state: Spread) => number): AggregateFunction {
  return {
    name,
    description,
    undoable: true,
    signatures: ['INTEGER -> DOUBLE', 'BIGINT -> DOUBLE', 'DOUBLE -> DOUBLE'],
    columns: () => 1,
    bind: ({ argTypes: [type] }) => {
      if (!isSummable(type)) return undefined;
      const aggregator: Aggregator<Spread> = {
        resultType: DOUBLE,
        stateType: struct({ COUNT: BIGINT, SUM: DOUBLE, SQUARES: DOUBLE }),
        initial: () => ({ count: 0, sum: 0, squares: 0 }),
        add: (state, value) => {
          if (value === null) return state;
          const x = Number(value);
          state.count++;
          state.sum += x;
          if (state.count > 1) state.squares += share(x, state.count, state.sum);
          return state;
        },
        undo: (state, value) => {
          if (value === null) return state;
          if (state.count <= 1) return { count: 0, sum: 0, squares: 0 };
          const x = Number(value);
          state.squares = Math.max(0, state.squares - share(x, state.count, state.sum));
          state.count--;
          state.sum -= x;
          return state;
        },
        merge: (a, b) => {
          if (a.count === 0 || b.count === 0) return a.count === 0 ? b : a;
          const count = a.count + b.count;
          // Of the distance between the two means (Chan, Golub and LeVeque 1979).
          const apart = (b.count * a.sum - a.count * b.sum) ** 2 / (a.count * b.count * count);
          return { count, sum: a.sum + b.sum, squares: a.squares + b.squares + apart };
        },
        result,
        save: ({ count, sum, squares }) => [count, sum, squares],
        load: (saved) => {
          const [count, sum, squares] = saved as readonly [number, number, number];
          return { count, sum, squares };
        },
      };
      return aggregator;
    },
  };
}

const variance = ({ count, squares }: Spread) => (count < 2 ? 0 : squares / (count - 1));

/** [count, Σx, Σy, Σx², Σy², Σxy] of the rows in which neither is null. */
type Sums = readonly [number, number, number, number, number, number];

const NO_ROWS: Sums = [0, 0, 0, 0, 0, 0];

function shifted(sums: Sums, a: SqlValue, b: SqlValue, sign: 1 | -1): Sums {
  if (a === null || b === null) return sums;
  const x = Number(a);
  const y = Number(b);
  const row: Sums = [1, x, y, x * x, y * y, x * y];
  return sums.map((sum, i) => sum + sign * row[i]!) as unknown as Sums;
}

/** Pearson's; not a number for fewer than two points, or when one side never changes. */
function pearson([count, x, y, xx, yy, xy]: Sums): number {
  return (count * xy - x * y) / Math.sqrt((count * xx - x * x) * (count * yy - y * y));
}

const CORRELATION: AggregateFunction = {
  name: 'CORRELATION',
  description: "Pearson's correlation of two columns, from -1 to 1.",
  undoable: true,
  signatures: [
    'INTEGER x, INTEGER y -> DOUBLE',
    'BIGINT x, BIGINT y -> DOUBLE',
    'DOUBLE x, DOUBLE y -> DOUBLE',
  ],
  columns: () => 2,
  bind: ({ argTypes: [a, b] }) => {
    if (!isSummable(a) || !isSummable(b)) return undefined;
    const aggregator: Aggregator<Sums> = {
      resultType: DOUBLE,
      stateType: struct({ COUNT: BIGINT, X: DOUBLE, Y: DOUBLE, XX: DOUBLE, YY: DOUBLE, XY: DOUBLE }),
      initial: () => NO_ROWS,
      add: (sums, x, y) => shifted(sums, x!, y!, 1),
      undo: (sums, x, y) => shifted(sums, x!, y!, -1),
      merge: (a, b) => a.map((sum, i) => sum + b[i]!) as unknown as Sums,
      result: pearson,
      save: (sums) => sums,
      load: (saved) => saved as unknown as Sums,
    };
    return aggregator;
  },
};

export const STATISTICAL_AGGREGATES: readonly AggregateFunction[] = [
  deviation('STDDEV_SAMPLE', 'Standard deviation of a sample.', (state) => Math.sqrt(variance(state))),
  // ksqlDB's older function returns the variance in spite of its name.
  deviation('STDDEV_SAMP', 'Variance of a sample (kept for ksqlDB; use STDDEV_SAMPLE).', variance),
  CORRELATION,
];
