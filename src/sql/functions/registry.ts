import { ARRAY_FUNCTIONS } from './array.ts';
import { addAggregate, aggregateNames } from './bind-aggregate.ts';
import { CONDITIONAL_FUNCTIONS } from './conditional.ts';
import { DATE_TIME_FUNCTIONS } from './date-time.ts';
import { ENCODING_FUNCTIONS } from './encoding.ts';
import { GEO_FUNCTIONS } from './geo.ts';
import { IDENTIFIER_FUNCTIONS } from './identifier.ts';
import { JSON_FUNCTIONS } from './json.ts';
import { LAMBDA_FUNCTIONS } from './lambda.ts';
import { MAP_FUNCTIONS } from './map.ts';
import { MASK_FUNCTIONS } from './mask.ts';
import { MATH_FUNCTIONS } from './math.ts';
import { REGEX_FUNCTIONS } from './regex.ts';
import type { ScalarFunction } from './scalar.ts';
import { STRING_FUNCTIONS } from './string.ts';
import { TABLE_FUNCTIONS, type TableFunction } from './table.ts';
import { URL_FUNCTIONS } from './url.ts';
import { userAggregate } from './user-aggregate.ts';
import { toScalar, type UserFunction } from './user-functions.ts';

const SCALARS = new Map<string, ScalarFunction>(
  [
    ...ARRAY_FUNCTIONS,
    ...CONDITIONAL_FUNCTIONS,
    ...DATE_TIME_FUNCTIONS,
    ...ENCODING_FUNCTIONS,
    ...GEO_FUNCTIONS,
    ...IDENTIFIER_FUNCTIONS,
    ...JSON_FUNCTIONS,
    ...LAMBDA_FUNCTIONS,
    ...MAP_FUNCTIONS,
    ...MASK_FUNCTIONS,
    ...MATH_FUNCTIONS,
    ...REGEX_FUNCTIONS,
    ...STRING_FUNCTIONS,
    ...URL_FUNCTIONS,
  ].map((entry) => [entry.name, entry]),
);

const TABLES = new Map<string, TableFunction>(TABLE_FUNCTIONS.map((entry) => [entry.name, entry]));

const registered = new Map<string, UserFunction>();

/**
 * Adds functions of the user's own, for all that plans or runs queries in this thread from now on. What there is cannot be
 * replaced: queries that are planned already count on it.
 */
export function registerFunctions(definitions: readonly UserFunction[]): void {
  for (const definition of definitions) {
    const name = definition.name.toUpperCase();
    if (registered.get(name) === definition) continue;
    if (!/^[A-Z_][A-Z0-9_]*$/.test(name))
      throw new Error(`'${definition.name}' is no name for a function: letters, digits and _ only`);
    if (functionNames().includes(name)) throw new Error(`there is a function ${name} already`);
    if (definition.kind === 'aggregate') addAggregate(userAggregate(definition));
    else (definition.kind === 'table' ? TABLES : SCALARS).set(name, toScalar(definition));
    registered.set(name, definition);
  }
}

export function findTable(name: string): TableFunction | undefined {
  return TABLES.get(name);
}

export function tableFunctions(): Iterable<TableFunction> {
  return TABLES.values();
}

export function findScalar(name: string): ScalarFunction | undefined {
  return SCALARS.get(name);
}

export function scalarFunctions(): Iterable<ScalarFunction> {
  return SCALARS.values();
}

/** All names that can be called, for suggestions. */
export function functionNames(): string[] {
  return [...SCALARS.keys(), ...TABLES.keys(), ...aggregateNames()].sort();
}
