import type { SqlType } from '../../../data/types.ts';
import type { Aggregator } from '../aggregate.ts';

export type Init = readonly (number | string | boolean | null)[];

export interface AggregateBinding {
  readonly name: string;
  readonly argTypes: readonly SqlType[];
  readonly init: Init;
  readonly properties: Readonly<Record<string, string>>;
}

export interface AggregateFunction {
  readonly name: string;
  readonly description: string;
  /** Of a user's function. */
  readonly author?: string;
  readonly version?: string;
  /** For whoever asks how it is called; constants behind a bar. */
  readonly signatures: readonly string[];
  /** Works over tables, where a row's earlier contribution must be taken away. */
  readonly undoable: boolean;
  /** How many of so many arguments are columns; the rest are constants. */
  columns(argCount: number): number;
  /** undefined: no variant for these types. */
  bind(binding: AggregateBinding): Aggregator | undefined;
}

export const BIGINT: SqlType = { kind: 'BIGINT' };
export const DOUBLE: SqlType = { kind: 'DOUBLE' };

export function struct(fields: Readonly<Record<string, SqlType>>): SqlType {
  return { kind: 'STRUCT', fields: Object.entries(fields).map(([name, type]) => ({ name, type })) };
}

/** A configured limit; absent, negative or not a number means none. */
export function limitOf(properties: Readonly<Record<string, string>>, name: string): number {
  const value = Number(properties[name] ?? -1);
  return value >= 0 ? value : Number.POSITIVE_INFINITY;
}
