import { aggregateNames } from './bind-aggregate.ts';
import { CONDITIONAL_FUNCTIONS } from './conditional.ts';
import { MATH_FUNCTIONS } from './math.ts';
import type { ScalarFunction } from './scalar.ts';
import { STRING_FUNCTIONS } from './string.ts';

const SCALARS: ReadonlyMap<string, ScalarFunction> = new Map(
  [...CONDITIONAL_FUNCTIONS, ...MATH_FUNCTIONS, ...STRING_FUNCTIONS].map((entry) => [entry.name, entry]),
);

export function findScalar(name: string): ScalarFunction | undefined {
  return SCALARS.get(name);
}

export function scalarFunctions(): Iterable<ScalarFunction> {
  return SCALARS.values();
}

/** All names that can be called, for suggestions and SHOW FUNCTIONS. */
export function functionNames(): string[] {
  return [...SCALARS.keys(), ...aggregateNames()].sort();
}
