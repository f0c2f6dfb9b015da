import { formatDouble } from '../../../src/data/java-double.ts';
import type { PlainValue } from '../../../src/data/plain-value.ts';
import type { UserFunction } from '../../../src/sql/functions/user-functions.ts';

/** The functions that ksqlDB's own tests bring with them, as `ksql-cases.md` describes them. */
export const functions: readonly UserFunction[] = [
  {
    kind: 'scalar',
    name: 'TEST_UDF',
    takesNull: true,
    variants: [
      { signature: 'INTEGER, STRING -> STRING', call: () => 'doStuffIntString' },
      { signature: 'BIGINT, STRING -> STRING', call: () => 'doStuffLongString' },
      { signature: 'BIGINT, BIGINT, STRING -> STRING', call: () => 'doStuffLongLongString' },
      { signature: 'BIGINT... -> STRING', call: () => 'doStuffLongVarargs' },
      { signature: 'STRUCT<A STRING> -> STRING', call: (struct: { A: string } | null) => struct?.A },
      { signature: '-> STRUCT<A STRING>', call: () => ({ A: 'foo' }) },
    ],
  },
  {
    kind: 'scalar',
    name: 'BAD_UDF',
    takesNull: true,
    variants: [
      {
        signature: 'INTEGER -> INTEGER',
        call: () => {
          throw new Error('boom!');
        },
      },
      {
        signature: 'BOOLEAN -> INTEGER',
        call: (shouldThrow: boolean | null) => {
          if (shouldThrow === true) throw new Error('You asked me to throw...');
          return 0;
        },
      },
      {
        signature: 'STRING -> STRING',
        make: () => {
          let calls = 0;
          return (text: string | null) => (calls++ % 2 === 0 ? null : text);
        },
      },
    ],
  },
  ...['WHENCONDITION', 'WHENRESULT'].map(
    (name): UserFunction => ({
      kind: 'scalar',
      name,
      variants: [
        {
          signature: name === 'WHENRESULT' ? 'INTEGER, BOOLEAN -> INTEGER' : 'BOOLEAN, BOOLEAN -> BOOLEAN',
          call: (value: PlainValue, shouldBeEvaluated: boolean) => {
            if (!shouldBeEvaluated) throw new Error('evaluated what should not be');
            return value;
          },
        },
      ],
    }),
  ),
  {
    kind: 'scalar',
    name: 'TOSTRUCT',
    variants: [{ signature: 'STRING -> STRUCT<A STRING>', call: (A: string) => ({ A }) }],
  },
  {
    kind: 'table',
    name: 'TEST_UDTF',
    takesNull: true,
    variants: [
      {
        signature: 'INTEGER, BIGINT, DOUBLE, BOOLEAN, STRING, DECIMAL, STRUCT<A STRING> -> ARRAY<STRING>',
        call: (...values: PlainValue[]) => values.map(javaText),
      },
      {
        signature:
          'ARRAY<INTEGER>, ARRAY<BIGINT>, ARRAY<DOUBLE>, ARRAY<BOOLEAN>, ARRAY<STRING>, ARRAY<DECIMAL>, ARRAY<STRUCT<A STRING>> -> ARRAY<STRING>',
        call: (...lists: PlainValue[][]) => lists.map((list, i) => javaText(list[0]!, i)),
      },
      ...['STRING', 'BIGINT'].map((key) => ({
        signature: `MAP<${key}, INTEGER>, MAP<STRING, BIGINT>, MAP<STRING, DOUBLE>, MAP<STRING, BOOLEAN>, MAP<STRING, STRING>, MAP<STRING, DECIMAL>, MAP<STRING, STRUCT<A STRING>> -> ARRAY<STRING>`,
        call: (...maps: ReadonlyMap<PlainValue, PlainValue>[]) =>
          maps.map((map, i) => javaText([...map.values()][0]!, i)),
      })),
      ...['INTEGER', 'BIGINT', 'DOUBLE', 'BOOLEAN', 'STRING', 'STRUCT<A STRING>'].map((type) => ({
        signature: `${type} -> ARRAY<${type}>`,
        call: (value: PlainValue) => [value],
      })),
      { signature: 'DECIMAL -> ARRAY<DECIMAL(30, 10)>', call: (value: PlainValue) => [value] },
    ],
  },
  {
    kind: 'table',
    name: 'THROWING_UDTF',
    variants: [
      {
        signature: 'BOOLEAN -> ARRAY<BOOLEAN>',
        call: (shouldThrow: boolean) => {
          if (shouldThrow) throw new Error('You asked me to throw...');
          return [shouldThrow];
        },
      },
    ],
  },
  {
    kind: 'aggregate',
    name: 'TEST_UDAF',
    variants: [
      sumOf('BIGINT'),
      { ...sumOf('INTEGER'), initial: (_, { init }) => BigInt(init ?? 0) },
      {
        signature: 'DOUBLE -> DOUBLE',
        initial: () => 0,
        add: (sum: number, value: number | null) => sum + (value ?? 0),
        merge: (a: number, b: number) => a + b,
      },
      {
        signature: 'STRING | STRING -> BIGINT',
        initial: ([init]) => String(init).length,
        add: (sum: number, text: string | null) => Number(sum) + (text?.length ?? 0),
        merge: (a: number, b: number) => a + b,
      },
      {
        signature: 'STRUCT<A INTEGER, B INTEGER> -> STRUCT<A INTEGER, B INTEGER>',
        initial: () => ({ A: 0, B: 0 }),
        add: addPairs,
        merge: addPairs,
      },
    ],
  },
  lengths('VAR_ARG', 'BIGINT, STRING... -> BIGINT', () => 0),
  lengths('MULTI_ARG', 'BIGINT, STRING | INTEGER, STRING... -> BIGINT', lengthsOf),
  lengths('FOUR_ARG', 'BIGINT, STRING, STRING, STRING | INTEGER, STRING... -> BIGINT', lengthsOf),
  lengths('FIVE_ARG', 'BIGINT, STRING, STRING, STRING, INTEGER | INTEGER, STRING... -> BIGINT', lengthsOf),
  lengths('MID_VAR_ARG', 'BIGINT, STRING... | INTEGER, INTEGER -> BIGINT', lengthsOf),
  firsts('OBJ_COL_ARG', 'INTEGER, ANY... -> ARRAY<INTEGER>'),
  firsts('GENERIC_VAR_ARG', 'A, B, C... -> ARRAY<A>'),
];

type Pair = { readonly A: number; readonly B: number };

function addPairs(a: Pair, b: Pair | null): Pair {
  return b === null ? a : { A: a.A + b.A, B: a.B + b.B };
}

function sumOf(type: string) {
  return {
    signature: `${type} -> BIGINT`,
    initial: (): unknown => 0n,
    add: (sum: bigint, value: number | null) => BigInt(sum) + BigInt(value ?? 0),
    undo: (sum: bigint, value: number | null) => BigInt(sum) - BigInt(value ?? 0),
    merge: (a: bigint, b: bigint) => BigInt(a) + BigInt(b),
  };
}

/** A sum of numbers and of the lengths of texts. */
function lengths(
  name: string,
  signature: string,
  initial: (constants: readonly PlainValue[]) => number,
): UserFunction {
  const add = (sum: number, ...values: PlainValue[]) => sum + lengthsOf(values);
  return {
    kind: 'aggregate',
    name,
    variants: [{ signature, initial, add, merge: (a: number, b: number) => a + b }],
  };
}

function lengthsOf(values: readonly PlainValue[]): number {
  return values.reduce<number>(
    (sum, value) => sum + (typeof value === 'string' ? value.length : Number(value ?? 0)),
    0,
  );
}

/** The first arguments of rows that have them all. */
function firsts(name: string, signature: string): UserFunction {
  const add = (list: PlainValue[], ...values: PlainValue[]) =>
    values.includes(null) ? list : [...list, values[0]!];
  return {
    kind: 'aggregate',
    name,
    variants: [
      { signature, initial: () => [], add, merge: (a: PlainValue[], b: PlainValue[]) => [...a, ...b] },
    ],
  };
}

/** Java's String.valueOf; of seven arguments the third is a DOUBLE. */
function javaText(value: PlainValue, index: number): string {
  if (index === 2) return formatDouble(value as number);
  if (typeof value === 'object' && value !== null) return `Struct{A=${(value as { A: string }).A}}`;
  return String(value);
}
