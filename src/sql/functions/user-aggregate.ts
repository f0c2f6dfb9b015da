import { sameType } from '../../data/compare.ts';
import { fromPlain, type PlainValue, toPlain } from '../../data/plain-value.ts';
import type { SqlType, SqlValue } from '../../data/types.ts';
import type { Aggregator } from './aggregate.ts';
import type { AggregateBinding, AggregateFunction, Init } from './aggregates/define.ts';
import {
  instantiate,
  matchSignature,
  type ParameterList,
  parseParameters,
  patternsFor,
  type Signature,
} from './signature.ts';
import { TypePatternReader } from './type-pattern.ts';
import { type Call, configOf, type FunctionConfig, type UserAggregate } from './user-functions.ts';

export interface AggregateVariant {
  /**
   * `BIGINT amount, STRING... | INTEGER start -> BIGINT`: columns, then behind a bar constants that the function is given
   * once. Of each at most one may be repeated, and not of both.
   */
  readonly signature: string;
  /** The type of what is kept between two rows, in files and changelogs too: `ARRAY<T>`. The result's unless given. */
  readonly state?: string;
  readonly initial: (constants: Init, config: FunctionConfig) => unknown;
  /** The next state; may change and return the one given. Arguments may be null. */
  readonly add: Call;
  /** Takes a row's part away again; needed over tables. */
  readonly undo?: Call;
  /** What both have gathered, the first of them from earlier rows; for session windows. */
  readonly merge: Call;
  /** The state itself unless given. */
  readonly result?: Call;
}

interface Parsed {
  readonly variant: AggregateVariant;
  readonly columns: Signature;
  readonly constants: ParameterList;
}

export function userAggregate(definition: UserAggregate): AggregateFunction {
  const name = definition.name.toUpperCase();
  const variants = definition.variants.map(parse);
  return {
    name,
    description: definition.description ?? '',
    author: definition.author ?? '',
    version: definition.version ?? '',
    undoable: variants.some(({ variant }) => variant.undo !== undefined),
    signatures: definition.variants.map(({ signature }) => signature),
    columns: (argCount) => columnsAmong(variants, argCount),
    bind: (binding) => bindBest(variants, binding),
  };
}

function parse(variant: AggregateVariant): Parsed {
  const reader = new TypePatternReader(variant.signature);
  const columns = parseParameters(reader);
  const constants = reader.accept('|')
    ? parseParameters(reader)
    : { parameters: [], names: [], variadicAt: -1 };
  reader.expect('->');
  if (columns.variadicAt >= 0 && constants.variadicAt >= 0)
    throw new Error(`signature '${variant.signature}': columns and constants cannot both be repeated`);
  return { variant, columns: { ...columns, returns: reader.pattern(), text: variant.signature }, constants };
}

/** The rest are constants. */
function columnsAmong(variants: readonly Parsed[], argCount: number): number {
  for (const { columns, constants } of variants) {
    const count =
      columns.variadicAt >= 0
        ? argCount - constants.parameters.length
        : Math.min(argCount, columns.parameters.length);
    if (patternsFor(columns, count) && patternsFor(constants, argCount - count)) return count;
  }
  return argCount;
}

function bindBest(variants: readonly Parsed[], binding: AggregateBinding): Aggregator | undefined {
  let best: { readonly parsed: Parsed; readonly returns: SqlType; readonly cost: number } | undefined;
  for (const parsed of variants) {
    if (!takesConstants(parsed.constants, binding.init)) continue;
    const match = matchSignature(parsed.columns, binding.argTypes);
    if (match === undefined || (best !== undefined && match.cost >= best.cost)) continue;
    const isReady = match.argTypes.every((type, i) => isSameInMemory(binding.argTypes[i]!, type));
    if (isReady) best = { parsed, returns: match.returns, cost: match.cost };
  }
  return best && aggregator(best.parsed, best.returns, binding);
}

/** Arguments of aggregates are not cast: an INTEGER's number is its BIGINT, anything else must be what is asked for. */
function isSameInMemory(from: SqlType, to: SqlType): boolean {
  return sameType(from, to) || (from.kind === 'INTEGER' && (to.kind === 'BIGINT' || to.kind === 'DOUBLE'));
}

function takesConstants(parameters: Parsed['constants'], init: Init): boolean {
  const patterns = patternsFor(parameters, init.length);
  return (
    patterns?.every((pattern, i) => {
      const value = init[i]!;
      if (pattern.kind !== 'type') return true;
      switch (pattern.type.kind) {
        case 'INTEGER':
        case 'BIGINT':
          return Number.isInteger(value);
        case 'DOUBLE':
          return typeof value === 'number';
        case 'BOOLEAN':
          return typeof value === 'boolean';
        default:
          return typeof value === 'string';
      }
    }) ?? false
  );
}

function aggregator(
  { variant }: Parsed,
  resultType: SqlType,
  { name, argTypes, init, properties }: AggregateBinding,
): Aggregator {
  const stateType = variant.state === undefined ? resultType : stateTypeOf(variant.state, argTypes);
  const outward = argTypes.map(toPlain);
  const given = (args: readonly SqlValue[]) => args.map((arg, i) => outward[i]!(arg));
  const plain = (call: Call) => call as (...args: unknown[]) => unknown;
  const [add, merge] = [plain(variant.add), plain(variant.merge)];
  const undo = variant.undo && plain(variant.undo);
  const result = variant.result && plain(variant.result);
  const [saved, loaded, shown] = [fromPlain(stateType), toPlain(stateType), fromPlain(resultType)];
  const config = configOf(name, properties);
  return {
    resultType,
    stateType,
    initial: () => variant.initial(init, config),
    add: (state, ...args) => add(state, ...given(args)),
    ...(undo && { undo: (state: unknown, ...args: SqlValue[]) => undo(state, ...given(args)) }),
    merge: (earlier, later) => merge(earlier, later),
    result: (state) => shown((result ? result(state) : state) as PlainValue),
    save: (state) => saved(state as PlainValue),
    load: (value) => loaded(value),
  };
}

/** A single letter is the type of the first argument, further ones those of the next. */
function stateTypeOf(text: string, argTypes: readonly SqlType[]): SqlType {
  const pattern = new TypePatternReader(text).pattern();
  const letters = new Map(argTypes.map((type, i) => [String.fromCharCode(65 + i), type]));
  if (argTypes[0] !== undefined && !letters.has('T')) letters.set('T', argTypes[0]);
  const type = instantiate(pattern, letters, argTypes[0]);
  if (type === undefined) throw new Error(`'${text}' is no type for the state of an aggregate`);
  return type;
}
