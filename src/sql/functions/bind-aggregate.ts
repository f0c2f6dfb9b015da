import type { SqlType } from '../../data/types.ts';
import type { Aggregator } from './aggregate.ts';

/** `init` and `argTypes` as in the plan's AggregateCall. Throws SqlError when no such function fits the types. */
export function bindAggregate(
  name: string,
  _argTypes: readonly SqlType[],
  _init: readonly (number | string | boolean | null)[],
  _properties: Readonly<Record<string, string>>,
): Aggregator {
  throw new Error(`cannot bind ${name} yet`);
}
