import type { Row, Schema } from '../../data/schema.ts';
import type { SqlValue } from '../../data/types.ts';
import type { At } from '../ast.ts';
import { computeAll, constantOf } from '../constants.ts';
import type { Expression } from '../expression.ts';
import { literalValue } from '../literal-value.ts';
import { isOperator } from '../operators.ts';
import { SqlError } from '../sql-error.ts';

/** More keys than this are found faster by one scan. */
const MAX_KEYS = 10_000;
const RANGES: readonly string[] = ['<', '<=', '>', '>='];

/**
 * The keys a predicate allows, when it fixes every key column by = or IN with constants at its top level:
 * `k = 1 AND v > 2` -> [[1]], `k IN (1, 2)` -> [[1], [2]]. undefined: the table must be scanned.
 */
export function keysOf(predicate: Expression, { key }: Schema, at: At): Row[] | undefined {
  const conjuncts = conjunctsOf(predicate);
  let keys: SqlValue[][] = [[]];
  for (let index = 0; index < key.length; index++) {
    const values = conjuncts.map((e) => valuesOf(e, index, at)).find((found) => found !== undefined);
    if (values === undefined || keys.length * values.length > MAX_KEYS) return undefined;
    if (values.includes(null)) {
      const message = `No row has NULL in its primary key, so ${key[index]!.name} = NULL finds none. Compare it with values.`;
      throw new SqlError(message, at.line, at.column);
    }
    keys = keys.flatMap((prefix) => values.map((value) => [...prefix, value]));
  }
  return keys;
}

/** Whether a predicate of which there are `keysOf` is true of every row with one of them. */
export function namesKeysAlone(predicate: Expression, { key }: Schema): boolean {
  return conjunctsOf(predicate).length === key.length;
}

/**
 * Whether the key is compared with one constant at the top level, which ksqlDB calls a range scan. As there only for a
 * STRING column: of others the bytes, by which its stores are ordered, have another order than the values.
 */
export function hasKeyRange(predicate: Expression, { key }: Schema): boolean {
  if (key.length !== 1 || key[0]!.type.kind !== 'STRING') return false;
  const onKey = conjunctsOf(predicate).filter(
    (e) => e.kind === 'call' && e.args.some((arg) => isColumn(arg, 0)),
  );
  return onKey.length === 1 && isRange(onKey[0]!);
}

function isRange(e: Expression): boolean {
  return e.kind === 'call' && RANGES.includes(e.function) && e.args.some(({ kind }) => kind === 'literal');
}

function conjunctsOf(predicate: Expression): readonly Expression[] {
  return predicate.kind === 'call' && predicate.function === 'AND' ? predicate.args : [predicate];
}

/** The constants that `column = constant` or `column IN (constants)` allows. */
function valuesOf(e: Expression, index: number, at: At): SqlValue[] | undefined {
  if (e.kind !== 'call' || (e.function !== '=' && e.function !== 'IN')) return undefined;
  const [first, ...rest] = e.args;
  const constants = isColumn(first, index)
    ? rest
    : e.function === '=' && isColumn(rest[0], index)
      ? [first!]
      : undefined;
  if (constants === undefined) return undefined;
  const values = new Set<SqlValue>();
  for (const constant of constants) {
    const value = constantValue(constant, at);
    if (value === undefined) return undefined;
    values.add(value);
  }
  return [...values];
}

/** Of a literal, or of what operators make of literals: `10 + 1`. */
function constantValue(e: Expression, at: At): SqlValue | undefined {
  if (e.kind === 'literal') return literalValue(e);
  if (!isConstant(e)) return undefined;
  let failure: Error | undefined;
  const constant = constantOf(e, (error) => {
    failure = error;
  });
  const [value] = computeAll([constant], at);
  return failure === undefined ? value : undefined;
}

function isConstant(e: Expression): boolean {
  if (e.kind === 'literal') return true;
  return e.kind === 'call' && isOperator(e.function) && e.args.every(isConstant);
}

function isColumn(e: Expression | undefined, index: number): boolean {
  return e?.kind === 'column' && e.index === index;
}
