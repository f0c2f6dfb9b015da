import type { CallExpression } from '../expression.ts';
import { findScalar, findTable } from '../functions/registry.ts';
import { resolveVariant } from '../functions/scalar.ts';
import type { Code, Generator } from './generator.ts';

/** A call of a scalar or a table function: the implementation is bound to the types once and called with plain values. */
export function generateFunction(g: Generator, e: CallExpression): Code {
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
  const name = g.constant(resolved.variant.bind(bound));
  const args = e.args.map((arg) => g.generate(arg));
  if (found.seesNull)
    return { js: `${name}(${args.map((arg) => arg.js).join(', ')})`, nullable: true, simple: false };
  return g.strict(args, (...js) => `${name}(${js.join(', ')})`, true);
}
