import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SqlType, SqlValue } from '../../src/data/types.ts';
import { compileExpression, compilePredicate, compileProjection } from '../../src/sql/compile.ts';
import type { Expression } from '../../src/sql/expression.ts';
import { toLiteral } from '../../src/sql/literal-value.ts';
import { type Operator, operator } from '../../src/sql/operators.ts';
import { interpret } from './expression-interpreter.ts';

type Kind = 'BOOLEAN' | 'INTEGER' | 'BIGINT' | 'DOUBLE' | 'STRING';
const KINDS: readonly Kind[] = ['BOOLEAN', 'INTEGER', 'BIGINT', 'DOUBLE', 'STRING'];
const typeOf = (kind: Kind): SqlType => ({ kind });
const normal = (value: bigint) => (Number.isSafeInteger(Number(value)) ? Number(value) : value);

const VALUES: Record<Kind, fc.Arbitrary<SqlValue>> = {
  BOOLEAN: fc.boolean(),
  INTEGER: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer()),
  BIGINT: fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(normal),
  ),
  DOUBLE: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true })),
  STRING: fc.oneof(fc.constantFrom('', 'a', 'b', "'", '`', '${'), fc.string()),
};
const cell = (kind: Kind) => fc.option(VALUES[kind], { freq: 4 });
const ROW = fc.tuple(...KINDS.map(cell));

const known = new Map<string, fc.Arbitrary<Expression>>();

/** Random well-typed expressions of a kind, over a row that has one column of each kind. */
function expressionOf(kind: Kind, depth: number): fc.Arbitrary<Expression> {
  const made = known.get(`${kind}${depth}`) ?? makeExpressions(kind, depth);
  known.set(`${kind}${depth}`, made);
  return made;
}

function makeExpressions(kind: Kind, depth: number): fc.Arbitrary<Expression> {
  const type = typeOf(kind);
  const leaves: fc.Arbitrary<Expression>[] = [
    fc.constant({ kind: 'column', index: KINDS.indexOf(kind), name: kind, type }),
    cell(kind).map((value) => toLiteral(value, type)!),
  ];
  if (depth === 0) return fc.oneof(...leaves);
  const inner = (of: Kind) => expressionOf(of, depth - 1);
  const call = (names: readonly Operator[], ...args: fc.Arbitrary<Expression>[]) =>
    fc.tuple(fc.constantFrom(...names), fc.tuple(...args)).map(([name, list]) => operator(name, list, type));
  const branches = [
    ...leaves,
    call(['CASE'], inner('BOOLEAN'), inner(kind), inner('BOOLEAN'), inner(kind), inner(kind)),
  ];
  if (kind === 'STRING') branches.push(call(['||'], inner(kind), inner(kind)));
  else if (kind !== 'BOOLEAN')
    branches.push(call(['+', '-', '*', '/', '%'], inner(kind), inner(kind)), call(['NEGATE'], inner(kind)));
  if (kind === 'BIGINT') branches.push(call(['CAST'], inner('INTEGER')));
  if (kind !== 'BOOLEAN') return fc.oneof(...branches);
  branches.push(
    call(['AND', 'OR'], inner('BOOLEAN'), inner('BOOLEAN'), inner('BOOLEAN')),
    call(['NOT'], inner('BOOLEAN')),
    ...KINDS.map((of) => call(['IS NULL', 'IS NOT NULL'], inner(of))),
    ...KINDS.slice(1).map((of) =>
      call(['=', '<>', '<', '<=', '>', '>=', 'IS DISTINCT FROM'], inner(of), inner(of)),
    ),
    ...KINDS.slice(1).map((of) =>
      call(
        ['IN'],
        inner(of),
        inner(of),
        cell(of).map((value) => toLiteral(value, typeOf(of))!),
      ),
    ),
  );
  return fc.oneof(...branches);
}

const EXPRESSION = fc.constantFrom(...KINDS).chain((kind) => expressionOf(kind, 3));
const outcome = (compute: () => SqlValue): SqlValue | 'failed' => {
  try {
    return compute();
  } catch {
    return 'failed';
  }
};

test('compiled expressions mean what the interpreter says', () => {
  fc.assert(
    fc.property(EXPRESSION, ROW, (e, row) => {
      const expected = outcome(() => interpret(e, row));
      let failed = false;
      const fail = () => {
        failed = true;
      };
      const value = compileExpression(e, fail)(row);
      assert.deepEqual(failed ? 'failed' : zero(value), zero(expected));
      assert.deepEqual(compileProjection([e, e], () => {})(row).map(zero), [zero(value), zero(value)]);
    }),
    { numRuns: 600 },
  );
});

test('a compiled predicate holds where its expression is true', () => {
  fc.assert(
    fc.property(expressionOf('BOOLEAN', 3), ROW, (e, row) => {
      // A predicate may stop before an operand that fails, so only rows without errors are compared.
      const expected = outcome(() => interpret(e, row));
      fc.pre(expected !== 'failed');
      assert.equal(compilePredicate(e, () => {})(row), expected === true);
    }),
    { numRuns: 400 },
  );
});

/** The sign of a DOUBLE's zero may be lost where literals are shared. */
function zero(value: SqlValue): SqlValue {
  return value === 0 ? 0 : value;
}
