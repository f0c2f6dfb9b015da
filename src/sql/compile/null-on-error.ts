import type { SqlValue } from '../../data/types.ts';
import type { Expression } from '../expression.ts';
import type { Implementation } from '../functions/scalar.ts';
import { isOperator, type Operator } from '../operators.ts';
import type { Code, Generator } from './generator.ts';

/*
 * ksqlDB: what fails inside of an expression is null there, and the expression goes on, where it is
 *
 *   an element of ARRAY, MAP, STRUCT      ARRAY[n / 0, 2]                  [null, 2]
 *   a CAST                                COALESCE(CAST('x' AS INT), 0)    0
 *   a call as an argument of a call       COALESCE(PARSE_DATE(s, f), d)    d
 *
 * Anything else that fails makes the whole expression null. The error is reported in every case.
 */

/** False where the query has switched it off. */
export function isNullOnError({ effects }: Generator): boolean {
  return effects.properties?.['ksql.nested.error.set.null']?.toLowerCase() !== 'false';
}

/** Code that is null when it fails. A closure costs something: it is for code that may fail in several places. */
export function nullOnError(g: Generator, { js }: Code): Code {
  const guarded = `(() => { try { return ${js}; } catch (error) { ${g.onError}(error); return null; } })()`;
  return { js: guarded, nullable: true, simple: false };
}

/** The same for a single call: `guarded(onError, ...args)`. */
export function guardedCall(
  call: Implementation,
): (onError: (error: Error) => void, ...args: never[]) => SqlValue {
  return (onError, ...args) => {
    try {
      return call(...args);
    } catch (error) {
      onError(error as Error);
      return null;
    }
  };
}

/** Operators that fail only where their operands do. */
const SAFE: ReadonlySet<Operator> = new Set<Operator>([
  '||',
  '=',
  '<>',
  '<',
  '<=',
  '>',
  '>=',
  'IS DISTINCT FROM',
  'IS NOT DISTINCT FROM',
  'AND',
  'OR',
  'NOT',
  'IS NULL',
  'IS NOT NULL',
  'IN',
  'CASE',
  '->',
  '[]',
]);
/** These too, but for nulls in lambdas. */
const SAFE_OUTSIDE_OF_LAMBDAS: ReadonlySet<Operator> = new Set<Operator>(['+', '-', '*', 'NEGATE']);
/** Null when an operand fails. */
const GUARDED: ReadonlySet<Operator> = new Set<Operator>(['CAST', 'ARRAY', 'MAP', 'STRUCT']);

/** Whether the code of the expression may throw, where `isNullOnError`. */
export function mayFail(g: Generator, e: Expression): boolean {
  if (e.kind !== 'call') return false;
  if (!isOperator(e.function)) return true;
  if (GUARDED.has(e.function)) return false;
  const isSafe = SAFE.has(e.function) || (!g.isInLambda && SAFE_OUTSIDE_OF_LAMBDAS.has(e.function));
  return !isSafe || e.args.some((arg) => mayFail(g, arg));
}
