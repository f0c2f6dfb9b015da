import type { SqlType, SqlValue } from '../../data/types.ts';
import { type Argument, type Match, matchSignature, parseSignature, type Signature } from './signature.ts';

/** What UNIX_TIMESTAMP(), RANDOM() and UUID() see. */
export interface Effects {
  nowMs(): number;
  /** Uniform in [0, 1). */
  random(): number;
  /** Configuration of functions, and whatever else was SET for the query. */
  readonly properties?: Readonly<Record<string, string>>;
}

/** A function over SQL values; each implementation names the value types its signature promises. */
export type Implementation = (...args: never[]) => SqlValue;

export interface Bound {
  readonly argTypes: readonly SqlType[];
  readonly returns: SqlType;
  /** For each argument that is a lambda, what it takes; its type among `argTypes` is what it gives. */
  readonly lambdas: readonly (readonly SqlType[] | undefined)[];
  /** Who asks for them has results that do not follow from the arguments alone. */
  readonly effects: Effects;
  /** Of the query. */
  readonly properties: Readonly<Record<string, string>>;
}

export interface ScalarVariant {
  readonly signature: Signature;
  /** When the signature alone cannot say it (DECIMAL scales): from the argument types. */
  readonly returns?: (argTypes: readonly SqlType[]) => SqlType | undefined;
  readonly bind: (bound: Bound) => Implementation;
}

export interface ScalarFunction {
  readonly name: string;
  readonly category: string;
  readonly description: string;
  /** Of a user's function. */
  readonly author?: string;
  readonly version?: string;
  /** false: a null argument gives null without a call. */
  readonly seesNull: boolean;
  /** Numbers of several types do not find a common one by themselves: which of the variants is meant is not known. */
  readonly wantsOneType: boolean;
  readonly variants: readonly ScalarVariant[];
}

type VariantText =
  | readonly [signature: string, bind: (bound: Bound) => Implementation]
  | readonly [
      signature: string,
      bind: (bound: Bound) => Implementation,
      returns: (argTypes: readonly SqlType[]) => SqlType | undefined,
    ];

export function scalar(
  name: string,
  category: string,
  description: string,
  variants: readonly VariantText[],
  options: { readonly seesNull?: boolean; readonly wantsOneType?: boolean } = {},
): ScalarFunction {
  return {
    name,
    category,
    description,
    seesNull: options.seesNull ?? false,
    wantsOneType: options.wantsOneType ?? false,
    variants: variants.map(([text, bind, returns]) => ({
      signature: parseSignature(text),
      bind,
      ...(returns && { returns }),
    })),
  };
}

export interface ResolvedScalar extends Match {
  readonly variant: ScalarVariant;
}

/** The variant that needs the least widening; among equals the one written first. */
export function resolveVariant(
  candidate: ScalarFunction,
  args: readonly Argument[],
): ResolvedScalar | undefined {
  let best: ResolvedScalar | undefined;
  for (const variant of candidate.variants) {
    const match = matchSignature(variant.signature, args);
    if (match === undefined || (best !== undefined && match.cost >= best.cost)) continue;
    const returns = variant.returns?.(match.argTypes) ?? match.returns;
    best = { ...match, returns, variant };
  }
  return best;
}
