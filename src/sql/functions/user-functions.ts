import { fromPlain, isPlain, type PlainValue, toPlain } from '../../data/plain-value.ts';
import type { SqlType, SqlValue } from '../../data/types.ts';
import type { Bound, Implementation, ScalarFunction } from './scalar.ts';
import { parseSignature } from './signature.ts';
import type { AggregateVariant } from './user-aggregate.ts';

/** What a function's author may leave to configuration: `ksql.functions.<name>.<key>`, by key. */
export type FunctionConfig = Readonly<Record<string, string>>;

/** A function in TypeScript; values are given and taken as {@link PlainValue} says. */
export type Call = (...args: never[]) => unknown;

export interface CallVariant {
  /**
   * `INTEGER a, STRING... rest -> STRING`: types, names in lower case where wanted, the last or any other repeated, T, R ...
   * for any type, LAMBDA<T, R> for a function of T that gives R.
   */
  readonly signature: string;
  readonly call?: Call;
  /** Instead of `call`, where it depends on configuration or has to remember something: once a query. */
  readonly make?: (config: FunctionConfig) => Call;
  /** true: results do not follow from arguments and configuration alone, and are never computed a second time. */
  readonly varies?: boolean;
}

interface Described {
  readonly name: string;
  readonly description?: string;
  readonly author?: string;
  readonly version?: string;
  readonly category?: string;
}

/** A value for a row's. */
export interface UserScalar extends Described {
  readonly kind: 'scalar';
  readonly variants: readonly CallVariant[];
  /** true: called with nulls too; else a null argument gives null. */
  readonly takesNull?: boolean;
}

/** Rows for a row: its signatures give ARRAYs. */
export interface UserTable extends Described {
  readonly kind: 'table';
  readonly variants: readonly CallVariant[];
  readonly takesNull?: boolean;
}

/** A value for many rows. */
export interface UserAggregate extends Described {
  readonly kind: 'aggregate';
  readonly variants: readonly AggregateVariant[];
}

export type UserFunction = UserScalar | UserTable | UserAggregate;

/** Checks types only: `export const half = defineFunction({kind: 'scalar', name: 'HALF', ...})`. */
export function defineFunction<Function extends UserFunction>(definition: Function): Function {
  return definition;
}

/** Of a module that was loaded: the functions among what it exports, alone or in arrays. */
export function functionsOf(exported: Readonly<Record<string, unknown>>): UserFunction[] {
  return Object.values(exported)
    .flatMap((value): unknown[] => (Array.isArray(value) ? value : [value]))
    .filter(isUserFunction);
}

function isUserFunction(value: unknown): value is UserFunction {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, name, variants } = value as Partial<UserFunction>;
  return (
    ['scalar', 'table', 'aggregate'].includes(kind as string) &&
    typeof name === 'string' &&
    Array.isArray(variants)
  );
}

export function toScalar(definition: UserScalar | UserTable): ScalarFunction {
  const name = definition.name.toUpperCase();
  const seesNull = definition.takesNull ?? false;
  return {
    name,
    category: definition.category ?? (definition.kind === 'table' ? 'TABLE' : 'OTHER'),
    description: definition.description ?? '',
    author: definition.author ?? '',
    version: definition.version ?? '',
    seesNull,
    wantsOneType: false,
    variants: definition.variants.map((variant) => {
      const signature = parseSignature(variant.signature);
      if (definition.kind === 'table' && !isArray(signature.returns))
        throw new Error(
          `table function ${name}: '${variant.signature}' must give an ARRAY, whose elements become rows`,
        );
      return { signature, bind: (bound: Bound) => bindCall(name, variant, bound) };
    }),
  };
}

function isArray(pattern: ReturnType<typeof parseSignature>['returns']): boolean {
  return pattern.kind === 'ARRAY' || (pattern.kind === 'type' && pattern.type.kind === 'ARRAY');
}

function bindCall(name: string, { call, make, varies }: CallVariant, bound: Bound): Implementation {
  const made = make?.(configOf(name, bound.properties)) ?? call;
  // Asking for the clock and for chance tells that results differ each time.
  if (varies) void bound.effects;
  if (made === undefined) throw new Error(`function ${name} has neither 'call' nor 'make'`);
  const inward = result(name, bound.returns);
  const plain = made as (...args: unknown[]) => PlainValue;
  const { argTypes, lambdas } = bound;
  if (argTypes.every((type, i) => isPlain(type) && lambdas[i] === undefined))
    return unchanged(plain, inward, argTypes.length);
  const outward = argTypes.map((type, i) => argument(type, lambdas[i]));
  return (...args: SqlValue[]) => inward(plain(...args.map((arg, i) => outward[i]!(arg))));
}

/** Arguments go as they are; with few of them without a list of them. */
function unchanged(
  call: (...args: unknown[]) => PlainValue,
  inward: (value: PlainValue) => SqlValue,
  count: number,
): Implementation {
  switch (count) {
    case 1:
      return (a: SqlValue) => inward(call(a));
    case 2:
      return (a: SqlValue, b: SqlValue) => inward(call(a, b));
    default:
      return (...args: SqlValue[]) => inward(call(...args));
  }
}

/** A lambda is a function of plain values too. */
function argument(type: SqlType, lambda: readonly SqlType[] | undefined): (value: SqlValue) => unknown {
  if (lambda === undefined) return toPlain(type);
  const given = lambda.map(fromPlain);
  const gives = toPlain(type);
  return (value) => {
    const call = value as unknown as (...args: SqlValue[]) => SqlValue;
    return (...args: PlainValue[]) => gives(call(...given.map((inside, i) => inside(args[i]))));
  };
}

function result(name: string, type: SqlType): (value: PlainValue) => SqlValue {
  const inside = fromPlain(type);
  return (value) => {
    try {
      return inside(value);
    } catch (error) {
      throw new TypeError(`function ${name}: its result ${(error as Error).message}`, { cause: error });
    }
  };
}

export function configOf(name: string, properties: Readonly<Record<string, string>>): FunctionConfig {
  const prefix = `ksql.functions.${name.toLowerCase()}.`;
  const own = Object.entries(properties).filter(([key]) => key.toLowerCase().startsWith(prefix));
  return Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value]));
}
