import type { CallExpression, Expression } from '../expression.ts';
import { findScalar, findTable } from '../functions/registry.ts';
import { type Implementation, resolveVariant } from '../functions/scalar.ts';
import { isOperator } from '../operators.ts';
import type { Code, Generator } from './generator.ts';
import { guardedCall, isNullOnError, mayFail, nullOnError } from './null-on-error.ts';

/** A call of a scalar or a table function: the implementation is bound to the types once and called with plain values. */
export function generateFunction(g: Generator, e: CallExpression): Code {
  const { implementation, seesNull } = bind(g, e);
  return callCode(g, e, seesNull, (args) => `${g.constant(implementation)}(${args.join(', ')})`);
}

/** The same, null when it fails. */
function guardedFunction(g: Generator, e: CallExpression): Code {
  const { implementation, seesNull } = bind(g, e);
  const name = g.constant(guardedCall(implementation));
  return callCode(g, e, seesNull, (args) => `${name}(${[g.onError, ...args].join(', ')})`);
}

function callCode(
  g: Generator,
  e: CallExpression,
  seesNull: boolean,
  call: (args: readonly string[]) => string,
): Code {
  // What a table function cannot be given makes no rows.
  const args = e.args.map((arg) => (findTable(e.function) ? g.generate(arg) : argumentCode(g, arg)));
  if (seesNull) return { js: call(args.map((arg) => arg.js)), nullable: true, simple: false };
  return g.strict(args, (...js) => call(js), true);
}

/** A call, or a field of what one gives, that fails as an argument is null there. */
export function argumentCode(g: Generator, e: Expression): Code {
  if (!isNullOnError(g) || e.kind !== 'call' || !mayFail(g, e)) return g.generate(e);
  if (e.function === '->') return nullOnError(g, g.generate(e));
  if (isOperator(e.function)) return g.generate(e);
  return e.args.some((arg) => argumentMayFail(g, arg))
    ? nullOnError(g, g.generate(e))
    : guardedFunction(g, e);
}

function argumentMayFail(g: Generator, e: Expression): boolean {
  return e.kind === 'call' && e.function !== '->' && isOperator(e.function) && mayFail(g, e);
}

interface BoundFunction {
  readonly implementation: Implementation;
  readonly seesNull: boolean;
}

function bind(g: Generator, e: CallExpression): BoundFunction {
  const found = findScalar(e.function) ?? findTable(e.function);
  const resolved =
    found &&
    resolveVariant(
      found,
      e.args.map((arg) =>
        arg.kind === 'lambda'
          ? { kind: 'LAMBDA', parameterCount: arg.parameters.length, resultOf: () => arg.type }
          : arg.type,
      ),
    );
  if (found === undefined || resolved === undefined) {
    throw new Error(`the plan calls ${e.function}, which this version does not have for these arguments`);
  }
  const bound = {
    argTypes: resolved.argTypes,
    returns: e.type,
    lambdas: e.args.map((arg) =>
      arg.kind === 'lambda' ? arg.parameters.map(({ type }) => type) : undefined,
    ),
    properties: g.effects.properties ?? {},
    get effects() {
      g.isPure = false;
      return g.effects;
    },
  };
  return { implementation: resolved.variant.bind(bound), seesNull: found.seesNull };
}
