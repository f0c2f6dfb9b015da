import { commonType, widensTo } from '../../data/common-type.ts';
import { sameType } from '../../data/compare.ts';
import { formatType } from '../../data/type-text.ts';
import type { SqlType } from '../../data/types.ts';

/** What a parameter takes. `UNIT` is a word like DAYS, passed on as a string. */
export type Pattern =
  | { readonly kind: 'type'; readonly type: SqlType }
  | { readonly kind: 'DECIMAL' }
  | { readonly kind: 'UNIT' }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'ARRAY'; readonly element: Pattern }
  | { readonly kind: 'MAP'; readonly key: Pattern; readonly value: Pattern };

export interface Signature {
  readonly parameters: readonly Pattern[];
  /** The last parameter may be repeated, also zero times. */
  readonly variadic: boolean;
  readonly returns: Pattern;
  /** As it was written. */
  readonly text: string;
}

const SCALARS = new Set([
  'BOOLEAN',
  'INTEGER',
  'BIGINT',
  'DOUBLE',
  'STRING',
  'BYTES',
  'TIME',
  'DATE',
  'TIMESTAMP',
]);

/** `ARRAY<T>, T... -> BOOLEAN`: single letters are type variables, DECIMAL is any decimal. */
export function parseSignature(text: string): Signature {
  const words = text.match(/->|\.\.\.|[A-Z]+|[<>,]/g) ?? [];
  let at = 0;
  const pattern = (): Pattern => {
    const word = words[at++]!;
    if (word === 'ARRAY') {
      at++;
      const element = pattern();
      at++;
      return { kind: 'ARRAY', element };
    }
    if (word === 'MAP') {
      at++;
      const key = pattern();
      at++;
      const value = pattern();
      at++;
      return { kind: 'MAP', key, value };
    }
    if (word === 'DECIMAL' || word === 'UNIT') return { kind: word };
    if (SCALARS.has(word)) return { kind: 'type', type: { kind: word } as SqlType };
    return { kind: 'variable', name: word };
  };
  const parameters: Pattern[] = [];
  let variadic = false;
  while (words[at] !== '->') {
    if (words[at] === ',') at++;
    parameters.push(pattern());
    if (words[at] === '...') {
      variadic = true;
      at++;
    }
  }
  at++;
  return { parameters, variadic, returns: pattern(), text };
}

export interface Match {
  /** What each argument must be turned into. */
  readonly argTypes: readonly SqlType[];
  readonly returns: SqlType;
  /** 0: exact; higher: more widening. */
  readonly cost: number;
}

/** How arguments fit a signature; `undefined` among them is a NULL literal, which fits everywhere. */
export function matchSignature(
  signature: Signature,
  args: readonly (SqlType | undefined)[],
): Match | undefined {
  const { parameters, variadic } = signature;
  const required = variadic ? parameters.length - 1 : parameters.length;
  if (args.length < required || (!variadic && args.length > required)) return undefined;
  const patterns = args.map((_, i) => parameters[Math.min(i, parameters.length - 1)]!);
  const variables = new Map<string, SqlType>();
  if (!args.every((arg, i) => arg === undefined || bindVariables(patterns[i]!, arg, variables)))
    return undefined;
  let cost = variadic ? 1 : 0;
  const argTypes: SqlType[] = [];
  for (const [i, pattern] of patterns.entries()) {
    const arg = args[i];
    const type = instantiate(pattern, variables, arg);
    if (type === undefined) return undefined;
    if (arg !== undefined) {
      if (!widensTo(arg, type)) return undefined;
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

function bindVariables(pattern: Pattern, arg: SqlType, variables: Map<string, SqlType>): boolean {
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

function instantiate(
  pattern: Pattern,
  variables: ReadonlyMap<string, SqlType>,
  arg: SqlType | undefined,
): SqlType | undefined {
  switch (pattern.kind) {
    case 'type':
      return pattern.type;
    case 'UNIT':
      return { kind: 'STRING' };
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
    case 'MAP': {
      const key = instantiate(pattern.key, variables, arg?.kind === 'MAP' ? arg.key : undefined);
      const value = instantiate(pattern.value, variables, arg?.kind === 'MAP' ? arg.value : undefined);
      return key && value && { kind: 'MAP', key, value };
    }
  }
}

const ORDER = ['INTEGER', 'BIGINT', 'DECIMAL', 'DOUBLE'];

function wideningCost(from: SqlType, to: SqlType): number {
  if (sameType(from, to)) return 0;
  return 2 * Math.max(1, ORDER.indexOf(to.kind) - ORDER.indexOf(from.kind));
}

export function formatPattern(pattern: Pattern): string {
  switch (pattern.kind) {
    case 'type':
      return formatType(pattern.type);
    case 'variable':
      return pattern.name;
    case 'ARRAY':
      return `ARRAY<${formatPattern(pattern.element)}>`;
    case 'MAP':
      return `MAP<${formatPattern(pattern.key)}, ${formatPattern(pattern.value)}>`;
    default:
      return pattern.kind;
  }
}
