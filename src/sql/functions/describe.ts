import { aggregateFunctions, findAggregate } from './bind-aggregate.ts';
import { findScalar, scalarFunctions } from './registry.ts';
import { formatPattern } from './pattern.ts';

export interface FunctionDescription {
  readonly name: string;
  readonly type: 'SCALAR' | 'AGGREGATE';
  readonly category: string;
  readonly description: string;
  readonly variants: readonly {
    readonly arguments: readonly { readonly type: string; readonly isVariadic: boolean }[];
    readonly returnType: string;
  }[];
}

/** For SHOW FUNCTIONS: by name. */
export function describeFunctions(): FunctionDescription[] {
  const names = [...scalarFunctions(), ...aggregateFunctions()].map((entry) => entry.name).sort();
  return names.map((name) => describeFunction(name)!);
}

/** For DESCRIBE FUNCTION. Case does not matter. */
export function describeFunction(name: string): FunctionDescription | undefined {
  const found = findScalar(name.toUpperCase());
  if (found !== undefined) {
    const { category, description } = found;
    const variants = found.variants.map(({ signature }) => ({
      arguments: signature.parameters.map((parameter, i) => ({
        type: formatPattern(parameter),
        isVariadic: i === signature.variadicAt,
      })),
      returnType: formatPattern(signature.returns),
    }));
    return { name: found.name, type: 'SCALAR', category, description, variants };
  }
  const aggregate = findAggregate(name.toUpperCase());
  if (aggregate === undefined) return undefined;
  const { description } = aggregate;
  return { name: aggregate.name, type: 'AGGREGATE', category: 'AGGREGATE', description, variants: [] };
}
