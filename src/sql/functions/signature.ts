import { commonType, widensTo } from '../../data/common-type.ts';
import { sameType } from '../../data/compare.ts';
import type { SqlType, StructField } from '../../data/types.ts';
import { type TypePattern, TypePatternReader } from './type-pattern.ts';

export interface Signature {
  readonly parameters: readonly TypePattern[];
  /** Of parameters, where they were given. */
  readonly names: readonly (string | undefined)[];
  /** Which parameter may be repeated, also zero times; -1: none. */
  readonly variadicAt: number;
  readonly returns: TypePattern;
  /** As it was written. */
  readonly text: string;
}

/** `ARRAY<T>, T... -> BOOLEAN`: see `TypePatternReader`. */
export function parseSignature(text: string): Signature {
  const reader = new TypePatternReader(text);
  const parameters = parseParameters(reader);
  reader.expect('->');
  return { ...parameters, returns: reader.pattern(), text };
}

export type ParameterList = Pick<Signature, 'parameters' | 'names' | 'variadicAt'>;

export function parseParameters(reader: TypePatternReader): ParameterList {
  const parameters: TypePattern[] = [];
  const names: (string | undefined)[] = [];
  let variadicAt = -1;
  while (!reader.at('->') && !reader.at('|')) {
    if (parameters.length > 0) reader.expect(',');
    parameters.push(reader.pattern());
    if (reader.accept('...')) variadicAt = parameters.length - 1;
    names.push(reader.acceptName());
  }
  return { parameters, names, variadicAt };
}

/** The patterns of so many arguments; undefined: there must be more or fewer. */
export function patternsFor(
  { parameters, variadicAt }: Pick<Signature, 'parameters' | 'variadicAt'>,
  count: number,
): readonly TypePattern[] | undefined {
  if (variadicAt < 0) return count === parameters.length ? parameters : undefined;
  const repeats = count - (parameters.length - 1);
  if (repeats < 0) return undefined;
  return parameters.flatMap((pattern, i) => (i === variadicAt ? Array(repeats).fill(pattern) : [pattern]));
}

/** A lambda handed to a function: what it gives follows from what it gets. */
export interface LambdaArgument {
  readonly kind: 'LAMBDA';
  readonly parameterCount: number;
  resultOf(parameters: readonly SqlType[]): SqlType;
}

/** `undefined` is a NULL literal, which fits everywhere. */
export type Argument = SqlType | LambdaArgument | undefined;

export interface Match {
  /** What each argument must be turned into. */
  readonly argTypes: readonly SqlType[];
  readonly returns: SqlType;
  /** 0: exact; higher: more widening. */
  readonly cost: number;
}

/** How arguments fit a signature. */
export function matchSignature(signature: Signature, args: readonly Argument[]): Match | undefined {
  const patterns = patternsFor(signature, args.length);
  return patterns && matchPatterns(patterns, signature, args);
}

function matchPatterns(
  patterns: readonly TypePattern[],
  signature: Signature,
  args: readonly Argument[],
): Match | undefined {
  const variables = new Map<string, SqlType>();
  const fits = args.every((arg, i) => {
    const pattern = patterns[i]!;
    if (arg?.kind === 'LAMBDA') return pattern.kind === 'LAMBDA';
    if (pattern.kind === 'LAMBDA') return false;
    return arg === undefined || bindVariables(pattern, arg, variables);
  });
  if (!fits) return undefined;
  let cost = signature.variadicAt >= 0 ? 1 : 0;
  const argTypes: SqlType[] = [];
  for (const [i, pattern] of patterns.entries()) {
    const arg = args[i];
    const type =
      pattern.kind === 'LAMBDA'
        ? bindLambda(pattern, arg as LambdaArgument, variables)
        : instantiate(pattern, variables, arg as SqlType | undefined);
    if (type === undefined) return undefined;
    if (arg !== undefined && arg.kind !== 'LAMBDA') {
      if (!widensTo(arg, type) && !isReadAs(arg, type)) return undefined;
      cost += wideningCost(arg, type);
    }
    argTypes.push(type);
  }
  // A DECIMAL result has the type of the first decimal argument, unless the variant computes another.
  const decimal = argTypes.find((type) => type.kind === 'DECIMAL');
  const { returns: result } = signature;
  // Only NULLs where a type variable stands: nothing says what the result is.
  if (result.kind === 'variable' && !variables.has(result.name)) return undefined;
  const returns = instantiate(result, variables, decimal);
  return returns && { argTypes, returns, cost };
}

/** The other arguments say what the lambda gets; what it gives may say more. */
function bindLambda(
  { parameters, result }: Extract<TypePattern, { kind: 'LAMBDA' }>,
  arg: LambdaArgument,
  variables: Map<string, SqlType>,
): SqlType | undefined {
  if (arg.parameterCount !== parameters.length) return undefined;
  const types = parameters.map((pattern) => instantiate(pattern, variables, undefined));
  if (!types.every((type) => type !== undefined)) return undefined;
  const given = arg.resultOf(types);
  if (result.kind === 'variable' && !variables.has(result.name)) variables.set(result.name, given);
  const wanted = instantiate(result, variables, given);
  return wanted && sameType(wanted, given) ? given : undefined;
}

function bindVariables(pattern: TypePattern, arg: SqlType, variables: Map<string, SqlType>): boolean {
  switch (pattern.kind) {
    case 'variable': {
      const bound = variables.get(pattern.name);
      const type = bound === undefined ? arg : commonType(bound, arg);
      if (type === undefined) return false;
      variables.set(pattern.name, type);
      return true;
    }
    case 'ARRAY':
      return arg.kind === 'ARRAY' && bindVariables(pattern.element, arg.element, variables);
    case 'STRUCT':
      return (
        arg.kind === 'STRUCT' &&
        arg.fields.length === pattern.fields.length &&
        pattern.fields.every(({ name, pattern: inside }, i) => {
          const field = arg.fields[i]!;
          return field.name === name && bindVariables(inside, field.type, variables);
        })
      );
    case 'MAP':
      return (
        arg.kind === 'MAP' &&
        bindVariables(pattern.key, arg.key, variables) &&
        bindVariables(pattern.value, arg.value, variables)
      );
    default:
      return true;
  }
}

export function instantiate(
  pattern: TypePattern,
  variables: ReadonlyMap<string, SqlType>,
  arg: SqlType | undefined,
): SqlType | undefined {
  switch (pattern.kind) {
    case 'type':
      return pattern.type;
    case 'UNIT':
      return { kind: 'STRING' };
    case 'ANY':
      return arg ?? { kind: 'STRING' };
    case 'LAMBDA':
      return undefined;
    case 'DECIMAL':
      return arg?.kind === 'DECIMAL' ? arg : undefined;
    case 'variable':
      return variables.get(pattern.name) ?? { kind: 'STRING' };
    case 'ARRAY': {
      const element = instantiate(
        pattern.element,
        variables,
        arg?.kind === 'ARRAY' ? arg.element : undefined,
      );
      return element && { kind: 'ARRAY', element };
    }
    case 'STRUCT': {
      const given = arg?.kind === 'STRUCT' ? arg.fields : [];
      const fields = pattern.fields.map((field, i) => ({
        name: field.name,
        type: instantiate(field.pattern, variables, given[i]?.type),
      }));
      const isComplete = (field: { name: string; type: SqlType | undefined }): field is StructField =>
        field.type !== undefined;
      return fields.every(isComplete) ? { kind: 'STRUCT', fields } : undefined;
    }
    case 'MAP': {
      const key = instantiate(pattern.key, variables, arg?.kind === 'MAP' ? arg.key : undefined);
      const value = instantiate(pattern.value, variables, arg?.kind === 'MAP' ? arg.value : undefined);
      return key && value && { kind: 'MAP', key, value };
    }
  }
}

const ORDER = ['INTEGER', 'BIGINT', 'DECIMAL', 'DOUBLE'];

/** ksqlDB: a text is read as a time, or as base64, where a function takes nothing else. */
function isReadAs(from: SqlType, to: SqlType): boolean {
  return from.kind === 'STRING' && ['DATE', 'TIME', 'TIMESTAMP', 'BYTES'].includes(to.kind);
}

function wideningCost(from: SqlType, to: SqlType): number {
  if (sameType(from, to)) return 0;
  if (isReadAs(from, to)) return 10;
  return 2 * Math.max(1, ORDER.indexOf(to.kind) - ORDER.indexOf(from.kind));
}
