import { compareValues, identityOf, isOrdered } from '../../../data/compare.ts';
import { type DecimalType, fitDecimal } from '../../../data/decimal.ts';
import { addLong, type Long, subtractLong } from '../../../data/long.ts';
import type { SqlType, SqlValue } from '../../../data/types.ts';
import type { Aggregator } from '../aggregate.ts';
import { type AggregateFunction, BIGINT, DOUBLE, struct } from './define.ts';

const one = () => 1;

/** A state that is itself the SQL value. */
function plain<V extends SqlValue>(
  type: SqlType,
  parts: Pick<Aggregator<V>, 'initial' | 'add' | 'merge' | 'undo' | 'addCode'>,
): Aggregator<V> {
  return {
    resultType: type,
    stateType: type,
    result: (s) => s,
    stateIsResult: true,
    save: (s) => s,
    load: (s) => s as V,
    ...parts,
  };
}

const COUNT: AggregateFunction = {
  name: 'COUNT',
  description: 'Number of rows, or of rows in which the argument is not null.',
  undoable: true,
  signatures: ['-> BIGINT', 'ANY value -> BIGINT'],
  columns: (count) => count,
  bind: ({ argTypes }) => {
    if (argTypes.length > 1) return undefined;
    const counts = argTypes.length === 0 ? () => true : (value: SqlValue) => value !== null;
    return plain<number>(BIGINT, {
      initial: () => 0,
      add: (state, value) => (counts(value ?? null) ? state + 1 : state),
      undo: (state, value) => (counts(value ?? null) ? state - 1 : state),
      addCode: (state, argument) =>
        argument === '' ? `${state}++;` : `if (${argument} !== null) ${state}++;`,
      merge: (a, b) => a + b,
    });
  },
};

const SUM: AggregateFunction = {
  name: 'SUM',
  description: 'Sum of the values that are not null; 0 when there are none.',
  undoable: true,
  signatures: ['INTEGER -> INTEGER', 'BIGINT -> BIGINT', 'DOUBLE -> DOUBLE', 'DECIMAL -> DECIMAL'],
  columns: one,
  bind: ({ argTypes: [type] }) => {
    switch (type?.kind) {
      case 'INTEGER':
        return sum<number>(
          type,
          0,
          (a, b) => (a + b) | 0,
          (a, b) => (a - b) | 0,
          (state, value) => `${state} = (${state} + ${value}) | 0`,
        );
      case 'BIGINT':
        return sum<Long>(type, 0, addLong, subtractLong);
      case 'DOUBLE':
        return sum<number>(
          type,
          0,
          (a, b) => a + b,
          (a, b) => a - b,
          (state, value) => `${state} += ${value}`,
        );
      case 'DECIMAL':
        return sum<bigint>(
          type,
          0n,
          (a, b) => fitDecimal(a + b, type as DecimalType),
          (a, b) => fitDecimal(a - b, type as DecimalType),
        );
      default:
        return undefined;
    }
  },
};

function sum<V extends number | bigint>(
  type: SqlType,
  zero: V,
  plus: (a: V, b: V) => V,
  minus: (a: V, b: V) => V,
  plusCode?: (state: string, value: string) => string,
): Aggregator<V> {
  return plain<V>(type, {
    initial: () => zero,
    add: (state, value) => (value === null ? state : plus(state, value as V)),
    undo: (state, value) => (value === null ? state : minus(state, value as V)),
    ...(plusCode && {
      addCode: (state: string, argument: string) => `if (${argument} !== null) ${plusCode(state, argument)};`,
    }),
    merge: plus,
  });
}

interface Mean {
  sum: Long;
  count: number;
}

const AVG: AggregateFunction = {
  name: 'AVG',
  description: 'Mean of the values that are not null; 0 when there are none.',
  undoable: true,
  signatures: ['INTEGER -> DOUBLE', 'BIGINT -> DOUBLE', 'DOUBLE -> DOUBLE'],
  columns: one,
  bind: ({ argTypes: [type] }) => {
    if (type === undefined || !['INTEGER', 'BIGINT', 'DOUBLE', 'DECIMAL'].includes(type.kind))
      return undefined;
    const exact = type.kind === 'INTEGER' || type.kind === 'BIGINT';
    const plus = exact ? addLong : (a: Long, b: Long) => Number(a) + Number(b);
    const minus = exact ? subtractLong : (a: Long, b: Long) => Number(a) - Number(b);
    const scale = type.kind === 'DECIMAL' ? 10 ** type.scale : 1;
    const read = (value: SqlValue): Long => (scale === 1 ? (value as Long) : Number(value) / scale);
    const aggregator: Aggregator<Mean> = {
      resultType: DOUBLE,
      stateType: struct({ SUM: exact ? BIGINT : DOUBLE, COUNT: BIGINT }),
      initial: () => ({ sum: 0, count: 0 }),
      add: (state, value) => {
        if (value === null) return state;
        state.sum = plus(state.sum, read(value!));
        state.count++;
        return state;
      },
      undo: (state, value) => {
        if (value === null) return state;
        state.sum = minus(state.sum, read(value!));
        state.count--;
        return state;
      },
      merge: (a, b) => ({ sum: plus(a.sum, b.sum), count: a.count + b.count }),
      result: ({ sum: total, count }) => (count === 0 ? 0 : Number(total) / count),
      save: ({ sum: total, count }) => [total, count],
      load: (saved) => {
        const [total, count] = saved as readonly [Long, number];
        return { sum: total, count };
      },
    };
    return aggregator;
  },
};

function extreme(name: string, description: string, sign: 1 | -1): AggregateFunction {
  return {
    name,
    description,
    undoable: false,
    signatures: ['T -> T'],
    columns: one,
    bind: ({ argTypes: [type] }) => {
      if (type === undefined || !isOrdered(type)) return undefined;
      const add = (state: SqlValue, value: SqlValue | undefined) => {
        if (value === null || value === undefined) return state;
        return state === null || compareValues(value, state) * sign > 0 ? value : state;
      };
      return plain<SqlValue>(type, {
        initial: () => null,
        add,
        merge: add,
        // Values of all ordered types but BYTES are compared by JavaScript's own operators.
        ...(type.kind !== 'BYTES' && {
          addCode: (state: string, value: string) =>
            `if (${value} !== null && (${state} === null || ${value} ${sign > 0 ? '>' : '<'} ${state})) ${state} = ${value};`,
        }),
      });
    },
  };
}

const COUNT_DISTINCT: AggregateFunction = {
  name: 'COUNT_DISTINCT',
  description: 'Number of different values that are not null.',
  undoable: false,
  signatures: ['ANY value -> BIGINT'],
  columns: one,
  bind: ({ argTypes: [type] }) => {
    if (type === undefined) return undefined;
    const aggregator: Aggregator<Map<unknown, SqlValue>> = {
      resultType: BIGINT,
      stateType: { kind: 'ARRAY', element: type },
      initial: () => new Map(),
      add: (state, value) => (value === null ? state : state.set(identityOf(value!), value!)),
      merge: (a, b) => new Map([...a, ...b]),
      result: (state) => state.size,
      save: (state) => [...state.values()],
      load: (saved) => new Map((saved as readonly SqlValue[]).map((value) => [identityOf(value), value])),
    };
    return aggregator;
  },
};

/** The sum of all elements of all lists, by the rules of SUM for one element. */
const SUM_LIST: AggregateFunction = {
  name: 'SUM_LIST',
  description: 'Sum of all elements of all lists; nulls count nothing.',
  undoable: true,
  signatures: ['ARRAY<INTEGER> -> INTEGER', 'ARRAY<BIGINT> -> BIGINT', 'ARRAY<DOUBLE> -> DOUBLE'],
  columns: one,
  bind: (binding) => {
    const [list] = binding.argTypes;
    if (list?.kind !== 'ARRAY') return undefined;
    const each = SUM.bind({ ...binding, argTypes: [list.element] }) as Aggregator<SqlValue> | undefined;
    if (each?.undo === undefined) return undefined;
    // Its code adds a value, not a list.
    const { undo, addCode: _, ...rest } = each;
    const elements = (value: SqlValue | undefined) => (value ?? []) as readonly SqlValue[];
    const aggregator: Aggregator<SqlValue> = {
      ...rest,
      add: (state, value) => elements(value).reduce((sum, item) => each.add(sum, item), state),
      undo: (state, value) => elements(value).reduce((sum, item) => undo(sum, item), state),
    };
    return aggregator;
  },
};

export const NUMERIC_AGGREGATES: readonly AggregateFunction[] = [
  COUNT,
  COUNT_DISTINCT,
  SUM,
  SUM_LIST,
  AVG,
  extreme('MIN', 'The smallest value that is not null.', -1),
  extreme('MAX', 'The largest value that is not null.', 1),
];
