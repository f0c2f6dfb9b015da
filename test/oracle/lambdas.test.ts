// Lambdas, nested in each other and in expressions, mean what the interpreter says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatType } from '../../src/data/type-text.ts';
import type { SqlType, SqlValue } from '../../src/data/types.ts';
import { compileExpression, SYSTEM_EFFECTS } from '../../src/sql/compile.ts';
import type { CallExpression, Expression, LambdaExpression } from '../../src/sql/expression.ts';
import { literal, type Operator, operator } from '../../src/sql/operators.ts';
import { interpret } from './expression-interpreter.ts';

const BOOLEAN: SqlType = { kind: 'BOOLEAN' };
const INTEGER: SqlType = { kind: 'INTEGER' };
const STRING: SqlType = { kind: 'STRING' };
const listOf = (element: SqlType): SqlType => ({ kind: 'ARRAY', element });
const mapOf = (value: SqlType): SqlType => ({ kind: 'MAP', key: STRING, value });
const COLUMNS: readonly SqlType[] = [
  BOOLEAN,
  INTEGER,
  STRING,
  listOf(INTEGER),
  listOf(STRING),
  listOf(listOf(INTEGER)),
  mapOf(INTEGER),
  mapOf(listOf(INTEGER)),
];
/** What lists and maps hold where a lambda makes or goes through them. */
const ELEMENTS: readonly SqlType[] = [INTEGER, STRING, listOf(INTEGER)];

const KEYS = fc.constantFrom('a', 'b', 'Aa', 'BB', '');

function valuesOf(type: SqlType): fc.Arbitrary<SqlValue> {
  switch (type.kind) {
    case 'BOOLEAN':
      return fc.boolean();
    case 'INTEGER':
      return fc.integer({ min: -3, max: 3 });
    case 'ARRAY':
      return fc.array(cell(type.element), { maxLength: 3 });
    case 'MAP':
      return fc
        .uniqueArray(fc.tuple(KEYS, cell(type.value)), { maxLength: 3, selector: ([key]) => key })
        .map((entries) => new Map(entries) as SqlValue);
    default:
      return KEYS;
  }
}

function cell(type: SqlType): fc.Arbitrary<SqlValue> {
  return fc.option(valuesOf(type), { freq: 5 });
}

const ROW = fc.tuple(...COLUMNS.map(cell));

/** The types of the parameters of each lambda around, the outermost first. */
type Around = readonly (readonly SqlType[])[];

const known = new Map<string, fc.Arbitrary<Expression>>();

/** Random expressions of a type, over the row and the parameters of the lambdas around. */
function expressionOf(type: SqlType, depth: number, around: Around): fc.Arbitrary<Expression> {
  const name = `${formatType(type)} ${depth} ${JSON.stringify(around)}`;
  const made = known.get(name) ?? makeExpressions(type, depth, around);
  known.set(name, made);
  return made;
}

function makeExpressions(type: SqlType, depth: number, around: Around): fc.Arbitrary<Expression> {
  const leaves = leavesOf(type, around);
  if (depth === 0) return fc.oneof(...leaves);
  const inner = (of: SqlType) => expressionOf(of, depth - 1, around);
  // Made when it is drawn: of all that could be drawn there would be too many.
  const lambda = (parameters: readonly SqlType[], result: SqlType) =>
    fc
      .constant([...around, parameters])
      .chain((inside) => expressionOf(result, depth - 1, inside))
      .map(
        (body): LambdaExpression => ({
          kind: 'lambda',
          parameters: parameters.map((of, index) => ({ name: `P${index}`, type: of })),
          body,
          type: result,
        }),
      );
  const call = (name: string, ...args: fc.Arbitrary<Expression>[]) =>
    fc.tuple(...args).map((list): CallExpression => ({ kind: 'call', function: name, args: list, type }));
  const branches: fc.Arbitrary<Expression>[] = [
    ...leaves,
    call('CASE', inner(BOOLEAN), inner(type), inner(type)),
    ...ELEMENTS.flatMap((element) => [
      call('REDUCE', inner(listOf(element)), inner(type), lambda([type, element], type)),
      call('REDUCE', inner(mapOf(element)), inner(type), lambda([type, STRING, element], type)),
    ]),
  ];
  if (type.kind === 'INTEGER')
    branches.push(
      ...['+', '-', '*', '/', '%'].map((sign) => call(sign, inner(INTEGER), inner(INTEGER))),
      call('[]', inner(listOf(INTEGER)), inner(INTEGER)),
      call('[]', inner(mapOf(INTEGER)), inner(STRING)),
    );
  if (type.kind === 'STRING') branches.push(call('||', inner(STRING), inner(STRING)));
  if (type.kind === 'BOOLEAN')
    branches.push(
      ...['=', '<', 'IS DISTINCT FROM'].map((sign) => call(sign, inner(INTEGER), inner(INTEGER))),
      call('AND', inner(BOOLEAN), inner(BOOLEAN)),
      ...ELEMENTS.map((of) => call('IS NULL', inner(of))),
    );
  if (type.kind === 'ARRAY')
    branches.push(
      call('FILTER', inner(type), lambda([type.element], BOOLEAN)),
      ...ELEMENTS.map((of) => call('TRANSFORM', inner(listOf(of)), lambda([of], type.element))),
    );
  if (type.kind === 'MAP')
    branches.push(
      call('FILTER', inner(type), lambda([STRING, type.value], BOOLEAN)),
      ...ELEMENTS.map((of) =>
        call('TRANSFORM', inner(mapOf(of)), lambda([STRING, of], STRING), lambda([STRING, of], type.value)),
      ),
    );
  return fc.oneof(...branches);
}

function leavesOf(type: SqlType, around: Around): fc.Arbitrary<Expression>[] {
  const same = (other: SqlType) => formatType(other) === formatType(type);
  const columns = COLUMNS.flatMap((of, index): Expression[] =>
    same(of) ? [{ kind: 'column', index, name: `C${index}`, type }] : [],
  );
  const parameters = around.flatMap((types, depth) =>
    types.flatMap((of, index): Expression[] =>
      same(of) ? [{ kind: 'parameter', depth, index, name: `P${index}`, type }] : [],
    ),
  );
  const literals =
    type.kind === 'ARRAY' || type.kind === 'MAP'
      ? fc.constant<Expression>(operator(type.kind as Operator, [], type))
      : cell(type).map((value): Expression => literal(value as string | number | boolean | null, type));
  return [...[...columns, ...parameters].map((e) => fc.constant(e)), literals];
}

const EXPRESSION = fc.constantFrom(...COLUMNS).chain((type) => expressionOf(type, 4, []));
interface Outcome {
  readonly value: SqlValue;
  readonly hasFailed: boolean;
}

/** What fails makes all null, or all that it is an argument of. */
function expected(e: Expression, row: readonly SqlValue[], isNullInside: boolean): Outcome {
  let hasFailed = false;
  const report = () => {
    hasFailed = true;
  };
  try {
    return { value: zero(interpret(e, row, isNullInside ? report : undefined)), hasFailed };
  } catch {
    return { value: null, hasFailed: true };
  }
}

function compiled(e: Expression, row: readonly SqlValue[], isNullInside: boolean): Outcome {
  let hasFailed = false;
  const fail = () => {
    hasFailed = true;
  };
  const properties = { 'ksql.nested.error.set.null': String(isNullInside) };
  return { value: zero(compileExpression(e, fail, { ...SYSTEM_EFFECTS, properties })(row)), hasFailed };
}

test('compiled lambdas mean what the interpreter says', () => {
  fc.assert(
    fc.property(EXPRESSION, ROW, fc.boolean(), (e, row, isNullInside) => {
      assert.deepEqual(compiled(e, row, isNullInside), expected(e, row, isNullInside));
    }),
    { numRuns: 2_000 },
  );
});

/** Of numbers without a sign. */
function zero(value: SqlValue): SqlValue {
  if (Array.isArray(value)) return value.map(zero);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, zero(item)])) as SqlValue;
  return value === 0 ? 0 : value;
}
