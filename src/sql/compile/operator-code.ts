import { Buffer } from 'node:buffer';
import { castFunction } from '../../data/cast.ts';
import { compareValues, equalValues, identityOf, sameType } from '../../data/compare.ts';
import { type ArithmeticOperator, asDecimalType, decimalArithmetic } from '../../data/decimal.ts';
import {
  addLong,
  divideLong,
  type Long,
  multiplyLong,
  negateLong,
  remainderLong,
  subtractLong,
} from '../../data/long.ts';
import { formatType } from '../../data/type-text.ts';
import type { SqlType, SqlValue } from '../../data/types.ts';
import type { CallExpression, Expression } from '../expression.ts';
import { literalValue } from '../literal-value.ts';
import type { Operator } from '../operators.ts';
import { argumentCode } from './function-code.ts';
import { type Code, fieldIndex, type Generator, isPrimitive } from './generator.ts';
import { likeMatcher } from './like.ts';
import { guardedCall, isNullOnError, mayFail, nullOnError } from './null-on-error.ts';

type Emit = (g: Generator, e: CallExpression, operator: Operator) => Code;

export function generateOperator(g: Generator, e: CallExpression, operator: Operator): Code {
  return EMITTERS[operator](g, e, operator);
}

const arithmetic: Emit = (g, e, operator) => {
  const args = e.args.map((arg) => g.generate(arg));
  switch (e.type.kind) {
    case 'INTEGER':
      return integerArithmetic(g, args, operator);
    case 'BIGINT':
      return g.strict(
        args,
        (a, b) => `${g.constant(LONG[operator as ArithmeticOperator])}(${a}, ${b})`,
        false,
        onNull(g),
      );
    case 'DECIMAL': {
      const [scaleA, scaleB] = e.args.map((arg) => asDecimalType(arg.type)!.scale) as [number, number];
      const [wideA, wideB] = e.args.map((arg) => (arg.type.kind === 'DECIMAL' ? '' : 'BigInt')) as [
        string,
        string,
      ];
      const { scale } = e.type;
      const compute = g.constant(decimalArithmetic);
      return g.strict(
        args,
        (a, b) =>
          `${compute}(${g.constant(operator)}, ${wideA}(${a}), ${scaleA}, ${wideB}(${b}), ${scaleB}, ${scale})`,
        false,
        onNull(g),
      );
    }
    default:
      return g.strict(args, (a, b) => `(${a} ${operator} ${b})`, false, onNull(g));
  }
};

/**
 * ksqlDB: where a lambda computes with a null there is no result for that element, nor for the others. Outside of lambdas
 * null is the result.
 */
function onNull(g: Generator): string {
  return g.isInLambda ? `${g.constant(refuseNull)}()` : 'null';
}

function refuseNull(): never {
  throw new TypeError('a lambda computes with a value that is null');
}

const LONG: Record<ArithmeticOperator, (a: Long, b: Long) => Long> = {
  '+': addLong,
  '-': subtractLong,
  '*': multiplyLong,
  '/': divideLong,
  '%': remainderLong,
};

/** Java's int: results wrap to 32 bits. */
function integerArithmetic(g: Generator, args: readonly Code[], operator: Operator): Code {
  switch (operator) {
    case '*':
      return g.strict(args, (a, b) => `Math.imul(${a}, ${b})`, false, onNull(g));
    case '/':
      return g.strict(args, (a, b) => `${g.constant(divideInteger)}(${a}, ${b})`, false, onNull(g));
    case '%':
      return g.strict(args, (a, b) => `${g.constant(remainderInteger)}(${a}, ${b})`, false, onNull(g));
    default:
      return g.strict(args, (a, b) => `(${a} ${operator} ${b} | 0)`, false, onNull(g));
  }
}

function divideInteger(a: number, b: number): number {
  if (b === 0) throw new RangeError('division by zero');
  return (a / b) | 0;
}

function remainderInteger(a: number, b: number): number {
  if (b === 0) throw new RangeError('division by zero');
  return (a % b) | 0;
}

const negate: Emit = (g, e) =>
  g.strict([g.generate(e.args[0]!)], (a) => {
    if (e.type.kind === 'INTEGER') return `(-${a} | 0)`;
    return e.type.kind === 'BIGINT' ? `${g.constant(negateLong)}(${a})` : `(-${a})`;
  });

/**
 * ksqlDB gives false, not NULL, when a side of = <> < <= > >= is NULL (SQL says NULL), so `NOT (n = 1)` holds for a
 * NULL n. IN does, too; every other operator keeps the third value.
 */
const comparison: Emit = (g, e, operator) => {
  const args = e.args.map((arg) => g.generate(arg));
  const primitive = isPrimitive(e.args[0]!.type);
  const compare = (a: string, b: string) => {
    if (operator === '=' || operator === '<>') return equality(g, primitive, a, b, operator === '<>');
    return primitive ? `(${a} ${operator} ${b})` : `(${g.constant(compareValues)}(${a}, ${b}) ${operator} 0)`;
  };
  return g.strict(args, compare, false, 'false');
};

function equality(g: Generator, primitive: boolean, a: string, b: string, negated: boolean): string {
  if (primitive) return `(${a} ${negated ? '!==' : '==='} ${b})`;
  return `${negated ? '!' : ''}${g.constant(equalValues)}(${a}, ${b})`;
}

/** Null is a value like any other here, so the result never is. */
const distinct: Emit = (g, e, operator) => {
  const [a, b] = e.args.map((arg) => g.generate(arg)) as [Code, Code];
  const js = equality(g, isPrimitive(e.args[0]!.type), a.js, b.js, operator === 'IS DISTINCT FROM');
  return { js: `(${js})`, nullable: false, simple: false };
};

/**
 *   AND: false if any is false, else null if any is null, else true.      OR: the same with true and false swapped.
 */
const logical: Emit = (g, e, operator) => {
  const args = e.args.map((arg) => g.generate(arg));
  const joiner = operator === 'AND' ? ' && ' : ' || ';
  if (args.every((arg) => !arg.nullable)) {
    return { js: `(${args.map((arg) => arg.js).join(joiner)})`, nullable: false, simple: false };
  }
  const deciding = operator === 'AND' ? 'false' : 'true';
  const nulls: string[] = [];
  const decides = args.map((arg) => {
    if (!arg.nullable) return `${arg.js} === ${deciding}`;
    const name = arg.simple ? arg.js : g.temporary();
    nulls.push(`${name} === null`);
    return arg.simple ? `${name} === ${deciding}` : `(${name} = ${arg.js}) === ${deciding}`;
  });
  const js = `(${decides.join(' || ')} ? ${deciding} : ${nulls.join(' || ')} ? null : ${operator === 'AND'})`;
  return { js, nullable: true, simple: false };
};

const isNull: Emit = (g, e, operator) => {
  const comparisonSign = operator === 'IS NULL' ? '===' : '!==';
  return { js: `(${g.generate(e.args[0]!).js} ${comparisonSign} null)`, nullable: false, simple: false };
};

/** ksqlDB: a null is in no list, and one in a list is nobody's equal; so NOT IN holds for a null. A list of literals becomes a set. */
const inList: Emit = (g, e) => {
  const [operand, ...list] = e.args;
  const code = g.generate(operand!);
  if (list.every((item) => item.kind === 'literal')) {
    const set = new Set(list.map(literalValue).map(identityOf));
    set.delete(null);
    const identity = isPrimitive(operand!.type) ? '' : g.constant(identityOf);
    return g.strict([code], (a) => `${g.constant(set)}.has(${identity}(${a}))`, false, 'false');
  }
  const items = list.map((item) => g.generate(item).js);
  return g.strict([code], (a) => `${g.constant(isIn)}(${a}, [${items.join(', ')}])`, false, 'false');
};

function isIn(value: SqlValue, list: readonly SqlValue[]): boolean {
  return list.some((item) => item !== null && equalValues(value, item));
}

const like: Emit = (g, e) => {
  const [text, pattern, escapeCharacter] = e.args;
  const escaped = escapeCharacter?.kind === 'literal' ? (escapeCharacter.value as string) : undefined;
  if (pattern!.kind === 'literal' && pattern!.value !== null) {
    const matches = g.constant(likeMatcher(pattern!.value as string, escaped));
    return g.strict([g.generate(text!)], (a) => `${matches}(${a})`);
  }
  const matches = g.constant((a: string, b: string) => likeMatcher(b, escaped)(a));
  return g.strict([g.generate(text!), g.generate(pattern!)], (a, b) => `${matches}(${a}, ${b})`);
};

/** A chain of ?: evaluates no more than it needs. */
const caseWhen: Emit = (g, e) => {
  const parts: string[] = [];
  let nullable = false;
  for (let i = 0; i + 1 < e.args.length; i += 2) {
    const result = g.generate(e.args[i + 1]!);
    nullable ||= result.nullable;
    parts.push(`${g.condition(e.args[i]!)} ? ${result.js} : `);
  }
  const otherwise = g.generate(e.args.at(-1)!);
  return {
    js: `(${parts.join('')}${otherwise.js})`,
    nullable: nullable || otherwise.nullable,
    simple: false,
  };
};

const cast: Emit = (g, e) => {
  const code = castCode(g, e);
  return isNullOnError(g) && mayFail(g, e.args[0]!) ? nullOnError(g, code) : code;
};

function castCode(g: Generator, e: CallExpression): Code {
  const operand = e.args[0]!;
  const code = g.generate(operand);
  if (sameType(operand.type, e.type) || isSameInMemory(operand.type.kind, e.type.kind)) return code;
  const convert = castFunction(operand.type, e.type);
  if (convert === undefined) {
    throw new Error(`no cast from ${formatType(operand.type)} to ${formatType(e.type)}`);
  }
  const showsNull = e.type.kind === 'STRING' && isOff(g, 'ksql.cast.strings.preserve.nulls');
  const ofNull = showsNull ? "'null'" : 'null';
  if (isNullOnError(g) && castMayFail(operand.type, e.type))
    return g.strict([code], (a) => `${g.constant(guardedCall(convert))}(${g.onError}, ${a})`, true, ofNull);
  return g.strict([code], (a) => `${g.constant(convert)}(${a})`, false, ofNull);
}

/** Whether there are values without a counterpart. */
function castMayFail(from: SqlType, to: SqlType): boolean {
  const isScalar = from.kind !== 'ARRAY' && from.kind !== 'MAP' && from.kind !== 'STRUCT';
  return to.kind !== 'STRING' && (!isScalar || from.kind === 'STRING' || to.kind === 'DECIMAL');
}

function isOff(g: Generator, property: string): boolean {
  return g.effects.properties?.[property]?.toLowerCase() === 'false';
}

/** An INTEGER's number already is its BIGINT and its DOUBLE. */
function isSameInMemory(from: string, to: string): boolean {
  return from === 'INTEGER' && (to === 'BIGINT' || to === 'DOUBLE');
}

const field: Emit = (g, e) => {
  const alone = g.columnOf(e);
  if (alone) return alone.code();
  const [base, name] = e.args as [Expression, Expression];
  const index = fieldIndex(base, name);
  return g.strict([g.generate(base)], (a) => `${a}[${index}]`, true);
};

const element: Emit = (g, e) => {
  const args = e.args.map((arg) => g.generate(arg));
  if (e.args[0]!.type.kind === 'MAP')
    return g.strict(args, (map, key) => `(${map}.get(${key}) ?? null)`, true);
  return g.strict(args, (array, index) => `${g.constant(elementAt)}(${array}, ${index})`, true);
};

/** ksqlDB: 1 is the first, -1 the last, anything outside is null. */
function elementAt(array: readonly SqlValue[], index: number): SqlValue {
  return (index > 0 ? array[index - 1] : index < 0 ? array[array.length + index] : null) ?? null;
}

/** ksqlDB: an element that cannot be computed is null, the others stay; or the whole is, where that is set. */
function elementCode(g: Generator, e: Expression): string {
  const code = g.generate(e);
  return isNullOnError(g) && mayFail(g, e) ? nullOnError(g, code).js : code.js;
}

const list: Emit = (g, e) => {
  const js = `[${e.args.map((arg) => elementCode(g, arg)).join(', ')}]`;
  return { js, nullable: false, simple: false };
};

const map: Emit = (g, e) => {
  const entries: string[] = [];
  for (let i = 0; i < e.args.length; i += 2) {
    entries.push(`[${elementCode(g, e.args[i]!)}, ${elementCode(g, e.args[i + 1]!)}]`);
  }
  return { js: `new Map([${entries.join(', ')}])`, nullable: false, simple: false };
};

/** ksqlDB's || is a call of CONCAT, which leaves nulls out. */
const concat: Emit = (g, e) => {
  const args = e.args.map((arg) => argumentCode(g, arg));
  if (e.type.kind === 'BYTES') {
    const js = `${g.constant(concatBytes)}([${args.map((arg) => arg.js).join(', ')}])`;
    return { js, nullable: false, simple: false };
  }
  const texts = args.map(({ js, nullable }) => (nullable ? `(${js} ?? '')` : js));
  return { js: `(${texts.join(' + ')})`, nullable: false, simple: false };
};

function concatBytes(parts: readonly (Uint8Array | null)[]): Uint8Array {
  return Buffer.concat(parts.filter((part) => part !== null));
}

const EMITTERS: Record<Operator, Emit> = {
  '+': arithmetic,
  '-': arithmetic,
  '*': arithmetic,
  '/': arithmetic,
  '%': arithmetic,
  NEGATE: negate,
  '||': concat,
  '=': comparison,
  '<>': comparison,
  '<': comparison,
  '<=': comparison,
  '>': comparison,
  '>=': comparison,
  'IS DISTINCT FROM': distinct,
  'IS NOT DISTINCT FROM': distinct,
  AND: logical,
  OR: logical,
  NOT: (g, e) => g.strict([g.generate(e.args[0]!)], (a) => `!${a}`),
  'IS NULL': isNull,
  'IS NOT NULL': isNull,
  IN: inList,
  LIKE: like,
  CASE: caseWhen,
  CAST: cast,
  '->': field,
  '[]': element,
  ARRAY: list,
  STRUCT: list,
  MAP: map,
};
