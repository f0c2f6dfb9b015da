import type { AggregateFunction } from './aggregates/define.ts';
import { aggregateFunctions, findAggregate } from './bind-aggregate.ts';
import { findScalar, findTable, scalarFunctions, tableFunctions } from './registry.ts';
import type { ScalarFunction } from './scalar.ts';
import { type ParameterList, parseParameters } from './signature.ts';
import { formatTypePattern, type TypePattern, TypePatternReader } from './type-pattern.ts';

export interface FunctionDescription {
  readonly name: string;
  readonly type: 'SCALAR' | 'AGGREGATE' | 'TABLE';
  readonly category: string;
  readonly description: string;
  readonly author: string;
  readonly version: string;
  readonly variants: readonly VariantDescription[];
}

interface VariantDescription {
  readonly arguments: readonly ArgumentDescription[];
  readonly returnType: string;
}

interface ArgumentDescription {
  readonly name: string;
  readonly type: string;
  readonly isVariadic: boolean;
}

/** For SHOW FUNCTIONS: by name. */
export function describeFunctions(): FunctionDescription[] {
  const names = [...scalarFunctions(), ...tableFunctions(), ...aggregateFunctions()].map(({ name }) => name);
  return names.sort().map((name) => describeFunction(name)!);
}

/** For DESCRIBE FUNCTION. Case does not matter. */
export function describeFunction(name: string): FunctionDescription | undefined {
  const wanted = name.toUpperCase();
  const scalar = findScalar(wanted);
  if (scalar !== undefined) return describeCall(scalar, 'SCALAR');
  const table = findTable(wanted);
  if (table !== undefined) return describeCall(table, 'TABLE');
  const aggregate = findAggregate(wanted);
  return aggregate && describeAggregate(aggregate);
}

function describeCall(found: ScalarFunction, type: 'SCALAR' | 'TABLE'): FunctionDescription {
  const { name, category, description, author = '', version = '' } = found;
  const variants = found.variants.map(({ signature }) => ({
    arguments: describeArguments(signature),
    returnType: formatTypePattern(type === 'TABLE' ? elementOf(signature.returns) : signature.returns),
  }));
  return { name, type, category, description, author, version, variants };
}

/** What a row of a table function has. */
function elementOf(pattern: TypePattern): TypePattern {
  if (pattern.kind === 'ARRAY') return pattern.element;
  return pattern.kind === 'type' && pattern.type.kind === 'ARRAY'
    ? { kind: 'type', type: pattern.type.element }
    : pattern;
}

function describeAggregate(found: AggregateFunction): FunctionDescription {
  const { name, description, author = '', version = '' } = found;
  const variants = found.signatures.map((text): VariantDescription => {
    const reader = new TypePatternReader(text);
    const columns = describeArguments(parseParameters(reader));
    const constants = reader.accept('|') ? describeArguments(parseParameters(reader)) : [];
    reader.expect('->');
    return { arguments: [...columns, ...constants], returnType: formatTypePattern(reader.pattern()) };
  });
  return { name, type: 'AGGREGATE', category: 'AGGREGATE', description, author, version, variants };
}

/** Arguments without a name are called after their type, with a number where several are. */
function describeArguments({ parameters, names, variadicAt }: ParameterList): ArgumentDescription[] {
  const usual = parameters.map((pattern, i) => names[i] ?? usualName(pattern));
  return parameters.map((pattern, i) => {
    const name = usual[i]!;
    const isAlone = usual.filter((other) => other === name).length === 1;
    const number = usual.slice(0, i + 1).filter((other) => other === name).length;
    return {
      name: isAlone ? name : `${name}${number}`,
      type: formatTypePattern(pattern),
      isVariadic: i === variadicAt,
    };
  });
}

function usualName(pattern: TypePattern): string {
  const kind = pattern.kind === 'type' ? pattern.type.kind : pattern.kind;
  switch (kind) {
    case 'ARRAY':
      return 'list';
    case 'STRING':
      return 'text';
    case 'INTEGER':
    case 'BIGINT':
    case 'DOUBLE':
    case 'DECIMAL':
      return 'number';
    case 'BOOLEAN':
      return 'flag';
    case 'variable':
    case 'ANY':
      return 'value';
    default:
      return kind.toLowerCase();
  }
}
