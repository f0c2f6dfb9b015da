import { formatType } from '../../data/type-text.ts';
import type { SqlType } from '../../data/types.ts';
import { SqlError } from '../sql-error.ts';
import type { Aggregator } from './aggregate.ts';
import { COLLECTING_AGGREGATES } from './aggregates/collect.ts';
import type { AggregateFunction, Init } from './aggregates/define.ts';
import { NUMERIC_AGGREGATES } from './aggregates/numeric.ts';
import { STATISTICAL_AGGREGATES } from './aggregates/statistics.ts';

const AGGREGATES = new Map<string, AggregateFunction>(
  [...NUMERIC_AGGREGATES, ...STATISTICAL_AGGREGATES, ...COLLECTING_AGGREGATES].map((entry) => [
    entry.name,
    entry,
  ]),
);

/** Of a user's; see `registerFunctions`. */
export function addAggregate(added: AggregateFunction): void {
  AGGREGATES.set(added.name, added);
}

export function isAggregate(name: string): boolean {
  return AGGREGATES.has(name);
}

export function aggregateNames(): Iterable<string> {
  return AGGREGATES.keys();
}

export function aggregateFunctions(): Iterable<AggregateFunction> {
  return AGGREGATES.values();
}

export function findAggregate(name: string): AggregateFunction | undefined {
  return AGGREGATES.get(name);
}

/** `init` and `argTypes` as in the plan's AggregateCall. Throws SqlError when no such function fits the types. */
export function bindAggregate(
  name: string,
  argTypes: readonly SqlType[],
  init: Init,
  properties: Readonly<Record<string, string>>,
): Aggregator {
  const bound = AGGREGATES.get(name)?.bind({ name, argTypes, init, properties });
  if (bound !== undefined) return bound;
  const given = [...argTypes.map(formatType), ...init.map(String)].join(', ');
  throw new SqlError(`${name} takes no arguments of (${given}).`);
}
