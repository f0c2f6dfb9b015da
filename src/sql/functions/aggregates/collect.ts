import { compareValues, equalValues, identityOf, isOrdered } from '../../../data/compare.ts';
import { addLong } from '../../../data/long.ts';
import type { SqlType, SqlValue } from '../../../data/types.ts';
import type { Aggregator } from '../aggregate.ts';
import { type AggregateFunction, BIGINT, limitOf, struct } from './define.ts';

const one = () => 1;
const arrayOf = (element: SqlType): SqlType => ({ kind: 'ARRAY', element });

/** A state that is a list of values, saved as an ARRAY. */
function list(
  element: SqlType,
  parts: Pick<Aggregator<SqlValue[]>, 'add' | 'merge'> & Partial<Pick<Aggregator<SqlValue[]>, 'undo'>>,
): Aggregator<SqlValue[]> {
  return {
    resultType: arrayOf(element),
    stateType: arrayOf(element),
    initial: () => [],
    result: (state) => state.slice(),
    save: (state) => state.slice(),
    load: (saved) => (saved as readonly SqlValue[]).slice(),
    ...parts,
  };
}

const COLLECT_LIST: AggregateFunction = {
  name: 'COLLECT_LIST',
  description: 'All values in the order they came, nulls too.',
  undoable: true,
  signatures: ['T -> ARRAY<T>'],
  columns: one,
  bind: ({ argTypes: [type], properties }) => {
    if (type === undefined) return undefined;
    const limit = limitOf(properties, 'ksql.functions.collect_list.limit');
    return list(type, {
      add: (state, value) => {
        if (state.length < limit) state.push(value!);
        return state;
      },
      undo: (state, value) => {
        const index = state.findLastIndex((item) => equalValues(item, value!));
        if (index >= 0) state.splice(index, 1);
        return state;
      },
      merge: (a, b) => [...a, ...b].slice(0, limit),
    });
  },
};

/** The state is a Map from identity to value: one step per row however large the set is. */
const COLLECT_SET: AggregateFunction = {
  name: 'COLLECT_SET',
  description: 'The different values in the order they first came.',
  undoable: false,
  signatures: ['T -> ARRAY<T>'],
  columns: one,
  bind: ({ argTypes: [type], properties }) => {
    if (type === undefined) return undefined;
    const limit = limitOf(properties, 'ksql.functions.collect_set.limit');
    const add = (state: Map<unknown, SqlValue>, value: SqlValue) => {
      const identity = identityOf(value);
      if (state.size < limit && !state.has(identity)) state.set(identity, value);
      return state;
    };
    const aggregator: Aggregator<Map<unknown, SqlValue>> = {
      resultType: arrayOf(type),
      stateType: arrayOf(type),
      initial: () => new Map(),
      add: (state, value) => add(state, value!),
      merge: (a, b) => [...b.values()].reduce(add, a),
      result: (state) => [...state.values()],
      save: (state) => [...state.values()],
      load: (saved) => new Map((saved as readonly SqlValue[]).map((value) => [identityOf(value), value])),
    };
    return aggregator;
  },
};

/** A value and its number among all that the function has seen, from 1: sessions merge in the order of arrival. */
interface Kept {
  readonly number: number;
  readonly value: SqlValue;
}

const NOTHING: Kept = { number: 0, value: null };

/** (T [, ignoreNulls]) keeps one value; (T, n [, ignoreNulls]) keeps n. */
function byOffset(name: string, description: string, latest: boolean): AggregateFunction {
  return {
    name,
    description,
    undoable: false,
    signatures: [
      'T -> T',
      'T | BOOLEAN ignore_nulls -> T',
      'T | INTEGER count -> ARRAY<T>',
      'T | INTEGER count, BOOLEAN ignore_nulls -> ARRAY<T>',
    ],
    columns: one,
    bind: ({ argTypes: [type], init }) => {
      if (type === undefined) return undefined;
      const ignoreNulls = (init.find((value) => typeof value === 'boolean') ?? true) as boolean;
      const n = init.find((value) => typeof value === 'number');
      if (n !== undefined && n < 1) return undefined;
      return n === undefined ? keepOne(type, latest, ignoreNulls) : keepSeveral(type, latest, ignoreNulls, n);
    },
  };
}

/** Counts values, across restarts as far as states remember. */
class Arrivals {
  #last = 0;

  next(value: SqlValue): Kept {
    this.#last++;
    return { number: this.#last, value };
  }

  load(saved: SqlValue): Kept {
    const [number, value] = saved as readonly [number, SqlValue];
    this.#last = Math.max(this.#last, number);
    return { number, value };
  }
}

const keptType = (type: SqlType): SqlType => struct({ NUMBER: BIGINT, VAL: type });
const saveKept = ({ number, value }: Kept): SqlValue => [number, value];

function keepOne(type: SqlType, latest: boolean, ignoreNulls: boolean): Aggregator<Kept> {
  const arrivals = new Arrivals();
  return {
    resultType: type,
    stateType: keptType(type),
    initial: () => NOTHING,
    add: (state, value) => {
      const isKept = (value === null && ignoreNulls) || (state.number > 0 && !latest);
      return isKept ? state : arrivals.next(value!);
    },
    merge: (a, b) => {
      if (a.number === 0 || b.number === 0) return a.number === 0 ? b : a;
      return a.number > b.number === latest ? a : b;
    },
    result: (state) => state.value,
    save: saveKept,
    load: (saved) => arrivals.load(saved),
  };
}

function keepSeveral(type: SqlType, latest: boolean, ignoreNulls: boolean, n: number): Aggregator<Kept[]> {
  const arrivals = new Arrivals();
  return {
    resultType: arrayOf(type),
    stateType: arrayOf(keptType(type)),
    initial: () => [],
    add: (state, value) => {
      if (value === null && ignoreNulls) return state;
      if (latest || state.length < n) state.push(arrivals.next(value!));
      if (state.length > n) state.shift();
      return state;
    },
    merge: (a, b) => {
      const all = [...a, ...b].sort((x, y) => x.number - y.number);
      return latest ? all.slice(-n) : all.slice(0, n);
    },
    result: (state) => state.map(({ value }) => value),
    save: (state) => state.map(saveKept),
    load: (saved) => (saved as readonly SqlValue[]).map((item) => arrivals.load(item)),
  };
}

/** The k largest, largest first; with more columns, structs ordered by the first. */
function topK(name: string, description: string, distinct: boolean): AggregateFunction {
  return {
    name,
    description,
    undoable: false,
    signatures: [
      'T | INTEGER k -> ARRAY<T>',
      ...(distinct ? [] : ['T, ANY... more | INTEGER k -> ARRAY<STRUCT<sort_col T, col0 ANY>>']),
    ],
    columns: (count) => Math.max(count - 1, 1),
    bind: ({ argTypes, init }) => {
      const [first] = argTypes;
      const k = init[0];
      if (first === undefined || !isOrdered(first) || typeof k !== 'number' || k < 1) return undefined;
      if (argTypes.length === 1)
        return topKList(
          first,
          k,
          distinct,
          (value) => value,
          (value) => value!,
        );
      if (distinct) return undefined;
      const fields = argTypes.map((type, i) => ({ name: i === 0 ? 'sort_col' : `col${i - 1}`, type }));
      const element: SqlType = { kind: 'STRUCT', fields };
      return topKList(
        element,
        k,
        distinct,
        (item) => (item as readonly SqlValue[])[0]!,
        (...args) => args,
      );
    },
  };
}

function topKList(
  element: SqlType,
  k: number,
  distinct: boolean,
  sortKey: (item: SqlValue) => SqlValue,
  item: (...args: SqlValue[]) => SqlValue,
): Aggregator<SqlValue[]> {
  const insert = (state: SqlValue[], key: SqlValue, make: () => SqlValue) => {
    let at = state.length;
    while (at > 0 && compareValues(sortKey(state[at - 1]!), key) < 0) at--;
    if (at >= k || (distinct && at > 0 && compareValues(sortKey(state[at - 1]!), key) === 0)) return state;
    state.splice(at, 0, make());
    if (state.length > k) state.pop();
    return state;
  };
  return list(element, {
    add: (state, ...args) => (args[0] === null ? state : insert(state, args[0]!, () => item(...args))),
    merge: (a, b) => b.reduce<SqlValue[]>((state, value) => insert(state, sortKey(value), () => value), a),
  });
}

/** ksqlDB counts at most this many different values, to keep its state small. */
const HISTOGRAM_LIMIT = 1000;

const HISTOGRAM: AggregateFunction = {
  name: 'HISTOGRAM',
  description: 'How often each text came (at most 1000 different ones).',
  undoable: true,
  signatures: ['STRING -> MAP<STRING, BIGINT>'],
  columns: one,
  bind: ({ argTypes: [type] }) => {
    if (type?.kind !== 'STRING') return undefined;
    const mapType: SqlType = { kind: 'MAP', key: type, value: BIGINT };
    const change = (state: Map<SqlValue, SqlValue>, value: SqlValue, step: number) => {
      if (value === null || (step > 0 && state.size >= HISTOGRAM_LIMIT && !state.has(value))) return state;
      const count = addLong((state.get(value) ?? 0) as number, step);
      if (count <= 0) state.delete(value);
      else state.set(value, count);
      return state;
    };
    const copy = (state: SqlValue) => new Map(state as Map<SqlValue, SqlValue>);
    const aggregator: Aggregator<Map<SqlValue, SqlValue>> = {
      resultType: mapType,
      stateType: mapType,
      initial: () => new Map(),
      add: (state, value) => change(state, value!, 1),
      undo: (state, value) => change(state, value!, -1),
      merge: (a, b) => {
        for (const [value, count] of b) change(a, value, count as number);
        return a;
      },
      result: copy,
      save: copy,
      load: copy,
    };
    return aggregator;
  },
};

/** The value all rows share, or null when they do not; counts each value so that rows can leave again. */
const ATTR: AggregateFunction = {
  name: 'ATTR',
  description: 'The value when all rows have the same, else null.',
  undoable: true,
  signatures: ['T -> T'],
  columns: one,
  bind: ({ argTypes: [type] }) => {
    if (type === undefined) return undefined;
    interface Entry {
      value: SqlValue;
      count: number;
    }
    const change = (state: Map<unknown, Entry>, value: SqlValue, step: number) => {
      const identity = identityOf(value);
      const entry = state.get(identity) ?? { value, count: 0 };
      entry.count += step;
      if (entry.count <= 0) state.delete(identity);
      else state.set(identity, entry);
      return state;
    };
    const aggregator: Aggregator<Map<unknown, Entry>> = {
      resultType: type,
      stateType: arrayOf(struct({ VAL: type, COUNT: BIGINT })),
      initial: () => new Map(),
      add: (state, value) => change(state, value!, 1),
      undo: (state, value) => change(state, value!, -1),
      merge: (a, b) => [...b.values()].reduce((state, { value, count }) => change(state, value, count), a),
      result: (state) => (state.size === 1 ? [...state.values()][0]!.value : null),
      save: (state) => Array.from(state.values(), ({ value, count }) => [value, count]),
      load: (saved) =>
        new Map(
          (saved as readonly (readonly [SqlValue, number])[]).map(([value, count]) => [
            identityOf(value),
            { value, count },
          ]),
        ),
    };
    return aggregator;
  },
};

export const COLLECTING_AGGREGATES: readonly AggregateFunction[] = [
  COLLECT_LIST,
  COLLECT_SET,
  byOffset('LATEST_BY_OFFSET', 'The value of the row that came last; or of the last n rows.', true),
  byOffset('EARLIEST_BY_OFFSET', 'The value of the row that came first; or of the first n rows.', false),
  topK('TOPK', 'The k largest values, largest first.', false),
  topK('TOPKDISTINCT', 'The k largest different values, largest first.', true),
  HISTOGRAM,
  ATTR,
];
