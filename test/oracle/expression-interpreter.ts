import type { Row } from '../../src/data/schema.ts';
import type { SqlValue } from '../../src/data/types.ts';
import type { CallExpression, Expression } from '../../src/sql/expression.ts';
import { literalValue } from '../../src/sql/literal-value.ts';

/**
 * What expressions mean, as slowly and plainly as it can be said: every integer is a bigint, every step looks at
 * its arguments. The oracle for the compiler; shares no code with it but reading literals.
 */
export function interpret(e: Expression, row: Row): SqlValue {
  switch (e.kind) {
    case 'literal':
      return literalValue(e);
    case 'column':
      return row[e.index] ?? null;
    case 'call':
      return call(e, row);
    case 'lambda':
    case 'parameter':
      throw new Error('the oracle knows no lambdas');
  }
}

function call(e: CallExpression, row: Row): SqlValue {
  if (e.function === 'CASE') return caseWhen(e, row);
  // AND and OR stop at the operand that decides, so an error behind it does not happen.
  if (e.function === 'AND' || e.function === 'OR') return logical(e, row);
  if (e.function === 'IN') return inList(e, row);
  const [first] = e.args;
  const a = interpret(first!, row);
  if (e.function === 'IS NULL') return a === null;
  if (e.function === 'IS NOT NULL') return a !== null;
  if (e.function === 'IS DISTINCT FROM') return a !== interpret(e.args[1]!, row);
  if (e.function === '||') return [a, interpret(e.args[1]!, row)].filter((text) => text !== null).join('');
  const comparison = COMPARISONS[e.function];
  const onNull = comparison === undefined ? null : false;
  if (a === null) return onNull;
  if (e.function === 'NOT') return a === false;
  if (e.function === 'CAST' || e.function === 'NEGATE') return unary(e, a);
  const b = interpret(e.args[1]!, row);
  if (b === null) return onNull;
  if (comparison !== undefined) return comparison(a, b);
  return arithmetic(e, a, b);
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

function caseWhen(e: CallExpression, row: Row): SqlValue {
  for (let i = 0; i + 1 < e.args.length; i += 2) {
    if (interpret(e.args[i]!, row) === true) return interpret(e.args[i + 1]!, row);
  }
  return interpret(e.args.at(-1)!, row);
}

function logical(e: CallExpression, row: Row): SqlValue {
  const deciding = e.function === 'OR';
  let sawNull = false;
  for (const arg of e.args) {
    const value = interpret(arg, row);
    if (value === deciding) return deciding;
    sawNull ||= value === null;
  }
  return sawNull ? null : !deciding;
}

function inList(e: CallExpression, row: Row): SqlValue {
  const [operand, ...list] = e.args;
  const value = interpret(operand!, row);
  if (value === null) return false;
  const items = list.map((item) => interpret(item, row));
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
