import type { Row } from '../../src/data/schema.ts';
import type { SqlValue } from '../../src/data/types.ts';
import type { CallExpression, Expression } from '../../src/sql/expression.ts';
import { literalValue } from '../../src/sql/literal-value.ts';

/**
 * What expressions mean, as slowly and plainly as it can be said: every integer is a bigint, every step looks at
 * its arguments. The oracle for the compiler; shares no code with it but reading literals.
 */
export function interpret(e: Expression, row: Row, report?: () => void): SqlValue {
  return evaluate(e, { row, around: [], report });
}

interface Scope {
  readonly row: Row;
  /** What the lambdas around were called with, the outermost first. */
  readonly around: readonly (readonly SqlValue[])[];
  /** Given: a call that fails as an argument of another is null there, and told. Else it makes that one fail too. */
  readonly report: (() => void) | undefined;
}

function evaluate(e: Expression, scope: Scope): SqlValue {
  switch (e.kind) {
    case 'literal':
      return literalValue(e);
    case 'column':
      return scope.row[e.index] ?? null;
    case 'call':
      return call(e, scope);
    case 'parameter':
      return scope.around[e.depth]![e.index]!;
    case 'lambda':
      throw new Error('a lambda is no value');
  }
}

function call(e: CallExpression, scope: Scope): SqlValue {
  const value = (arg: Expression | undefined) => evaluate(arg!, scope);
  if (e.function === 'CASE') return caseWhen(e, scope);
  // AND and OR stop at the operand that decides, so an error behind it does not happen.
  if (e.function === 'AND' || e.function === 'OR') return logical(e, scope);
  if (e.function === 'IN') return inList(e, scope);
  if (e.function === 'ARRAY') return e.args.map(value);
  if (e.function === 'MAP' && e.args.length === 0) return new Map() as SqlValue;
  const [first] = e.args;
  if (e.args.some(({ kind }) => kind === 'lambda')) return higherOrder(e, argument(first!, scope), scope);
  if (e.function === 'IS NULL') return value(first) === null;
  if (e.function === 'IS NOT NULL') return value(first) !== null;
  if (e.function === 'IS DISTINCT FROM') return value(first) !== value(e.args[1]);
  if (e.function === '||')
    return e.args
      .map((arg) => argument(arg, scope))
      .filter((text) => text !== null)
      .join('');
  const comparison = COMPARISONS[e.function];
  const [a, b] = valuesOf(e.args, value) ?? [];
  if (a === undefined) {
    if (WHOLE[e.function] && scope.around.length > 0)
      throw new TypeError('null in a computation of a lambda');
    return comparison === undefined ? null : false;
  }
  if (e.function === 'NOT') return a === false;
  if (e.function === 'CAST' || e.function === 'NEGATE') return unary(e, a);
  if (b === undefined) throw new Error(`${e.function} has one argument`);
  if (comparison !== undefined) return comparison(a, b);
  if (e.function === '[]') return elementOf(a as List | Entries, b);
  return arithmetic(e, a, b);
}

/** Of a call, or of ||, which ksqlDB makes one. */
function argument(e: Expression, scope: Scope): SqlValue {
  if (scope.report === undefined || e.kind !== 'call' || !FUNCTIONS.includes(e.function))
    return evaluate(e, scope);
  try {
    return evaluate(e, scope);
  } catch {
    scope.report();
    return null;
  }
}

const FUNCTIONS: readonly string[] = ['FILTER', 'TRANSFORM', 'REDUCE'];

/**
 * Undefined when one is null. Those that cannot be null are computed last, so that it does not matter what they are where
 * another is null, not even if they fail.
 */
function valuesOf(
  args: readonly Expression[],
  value: (arg: Expression) => SqlValue,
): NonNullable<SqlValue>[] | undefined {
  const values: NonNullable<SqlValue>[] = [];
  for (const isLast of [false, true])
    for (const [index, arg] of args.entries()) {
      if (canBeNull(arg) === isLast) continue;
      const found = value(arg);
      if (found === null) return undefined;
      values[index] = found;
    }
  return values;
}

/** As far as an expression shows it. */
function canBeNull(e: Expression): boolean {
  if (e.kind === 'literal') return e.value === null;
  if (e.kind !== 'call') return true;
  if (COMPARISONS[e.function] || ['IN', '||', 'ARRAY'].includes(e.function)) return false;
  if (e.function.startsWith('IS ')) return false;
  if (e.function === 'CASE') return e.args.some((arg, index) => isResult(e, index) && canBeNull(arg));
  const isStrict = WHOLE[e.function] || ['AND', 'OR', 'NOT', 'CAST', 'NEGATE'].includes(e.function);
  return !isStrict || e.args.some(canBeNull);
}

function isResult({ args }: CallExpression, index: number): boolean {
  return index % 2 === 1 || index === args.length - 1;
}

type List = readonly SqlValue[];
type Entries = ReadonlyMap<SqlValue, SqlValue>;

function elementOf(of: List | Entries, at: SqlValue): SqlValue {
  if (of instanceof Map) return (of as Entries).get(at) ?? null;
  const list = of as List;
  const position = (at as number) < 0 ? list.length + (at as number) : (at as number) - 1;
  return list[position] ?? null;
}

/** FILTER, TRANSFORM and REDUCE of a list or a map. */
function higherOrder(e: CallExpression, over: SqlValue, scope: Scope): SqlValue {
  const apply = (at: number, ...given: SqlValue[]): SqlValue => {
    const lambda = e.args[at]!;
    if (lambda.kind !== 'lambda') throw new Error('no lambda there');
    return evaluate(lambda.body, { ...scope, around: [...scope.around, given] });
  };
  if (e.function === 'REDUCE') {
    const start = argument(e.args[1]!, scope);
    if (over === null || start === null) return start;
    const items = over instanceof Map ? hashed(over as Entries) : (over as List).map((item) => [item]);
    return items.reduce<SqlValue>((state, item) => apply(2, state, ...item), start);
  }
  if (over === null) return null;
  if (!(over instanceof Map)) {
    const list = over as List;
    if (e.function === 'FILTER') return list.filter((item) => apply(1, item) === true);
    return list.map((item) => apply(1, item));
  }
  const entries = [...(over as Entries)];
  if (e.function === 'FILTER')
    return new Map(entries.filter(([key, value]) => apply(1, key, value) === true)) as SqlValue;
  const made = entries.map(([key, value]) => [apply(1, key, value), apply(2, key, value)] as const);
  if (new Set(made.map(([key]) => key)).size < made.length) throw new RangeError('two entries of one key');
  return new Map(made) as SqlValue;
}

/** The entries of a map with STRING keys as a Java HashMap that was made for so many has them. */
function hashed(map: Entries): [SqlValue, SqlValue][] {
  let size = map.size < 2 ? 1 : 2;
  while (map.size > 1 && map.size > size * 0.75) size *= 2;
  const buckets = Array.from({ length: size }, (): [SqlValue, SqlValue][] => []);
  for (const [key, value] of map) {
    let hash = 0n;
    for (const char of (key as string | null) ?? '')
      hash = BigInt.asUintN(32, hash * 31n + BigInt(char.charCodeAt(0)));
    buckets[Number((hash ^ (hash >> 16n)) % BigInt(size))]!.push([key, value]);
  }
  return buckets.flat();
}

const COMPARISONS: Readonly<Record<string, (a: NonNullable<SqlValue>, b: NonNullable<SqlValue>) => boolean>> =
  {
    '=': (a, b) => a === b,
    '<>': (a, b) => a !== b,
    '<': (a, b) => a < b,
    '<=': (a, b) => a <= b,
    '>': (a, b) => a > b,
    '>=': (a, b) => a >= b,
  };

function caseWhen(e: CallExpression, scope: Scope): SqlValue {
  for (let i = 0; i + 1 < e.args.length; i += 2) {
    if (holds(e.args[i]!, scope)) return evaluate(e.args[i + 1]!, scope);
  }
  return evaluate(e.args.at(-1)!, scope);
}

/** A condition need not be known where it is not true: it stops at the first operand that says so. */
function holds(e: Expression, scope: Scope): boolean {
  const of = (arg: Expression) => holds(arg, scope);
  if (e.kind === 'call' && e.function === 'AND') return e.args.every(of);
  if (e.kind === 'call' && e.function === 'OR') return e.args.some(of);
  return evaluate(e, scope) === true;
}

function logical(e: CallExpression, scope: Scope): SqlValue {
  const deciding = e.function === 'OR';
  let sawNull = false;
  for (const arg of e.args) {
    const value = evaluate(arg, scope);
    if (value === deciding) return deciding;
    sawNull ||= value === null;
  }
  return sawNull ? null : !deciding;
}

function inList(e: CallExpression, scope: Scope): SqlValue {
  const [operand, ...list] = e.args;
  const value = evaluate(operand!, scope);
  if (value === null) return false;
  const items = list.map((item) => evaluate(item, scope));
  // By ===: a NaN equals nothing.
  return items.some((item) => item === value);
}

function unary(e: CallExpression, a: NonNullable<SqlValue>): SqlValue {
  if (e.function === 'CAST') return a;
  return e.type.kind === 'DOUBLE' ? -(a as number) : fit(e, -BigInt(a as number));
}

function arithmetic(e: CallExpression, a: NonNullable<SqlValue>, b: NonNullable<SqlValue>): SqlValue {
  if (e.type.kind === 'DOUBLE') return DOUBLES[e.function]!(a as number, b as number);
  const [x, y] = [BigInt(a as number), BigInt(b as number)];
  if ((e.function === '/' || e.function === '%') && y === 0n) throw new RangeError('division by zero');
  return fit(e, WHOLE[e.function]!(x, y));
}

const DOUBLES: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};

const WHOLE: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};

/** Wrapped to the type's width; a number where it is a safe one. */
function fit(e: CallExpression, value: bigint): number | bigint {
  const wrapped = BigInt.asIntN(e.type.kind === 'INTEGER' ? 32 : 64, value);
  return Number.isSafeInteger(Number(wrapped)) ? Number(wrapped) : wrapped;
}
