import { Buffer } from 'node:buffer';
import { type Random, randomInt } from '../../base/random.ts';
import type { SqlType, SqlValue } from '../../data/types.ts';
import { SettingsError } from '../settings-error.ts';
import { type MakeText, textOfRegex } from './regex-text.ts';

/** Makes the next value; it may remember the last. */
export type Make = (random: Random) => SqlValue;

/** What `arg.properties` of a type says about its values, with the names of Avro's random generators. */
export interface Properties {
  readonly options?: readonly unknown[];
  readonly iteration?: {
    readonly start?: unknown;
    readonly restart?: unknown;
    readonly step?: unknown;
    readonly initial?: unknown;
  };
  readonly range?: { readonly min?: unknown; readonly max?: unknown };
  readonly length?: number | { readonly min?: unknown; readonly max?: unknown };
  readonly regex?: string;
  readonly prefix?: string;
  readonly suffix?: string;
  readonly odds?: number;
}

const SHORTEST = 8;
const LONGEST = 16;
const LETTERS = textOfRegex('[a-zA-Z]');
const INT_MAX = 2 ** 31 - 1;
/** What a number may be that says nothing of its range. */
const RANGES: Readonly<Record<string, readonly [min: number, max: number]>> = {
  int: [-INT_MAX - 1, INT_MAX],
  long: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  float: [0, 1],
  double: [0, 1],
};

/** Values of one of Avro's primitive types, or bytes of a fixed one, of which `type` is the SQL type. */
export function scalarMaker(avroKind: string, type: SqlType, properties: Properties): Make {
  switch (avroKind) {
    case 'null':
      return () => null;
    case 'boolean':
      return booleans(properties);
    case 'string':
      return texts(properties);
    case 'bytes':
      return type.kind === 'DECIMAL' ? decimals(type.scale, properties) : bytesOf(lengthMaker(properties));
    default:
      return numbers(avroKind, properties);
  }
}

/** How long a text, a list or the like is: `max` is beyond the longest. */
export function lengthMaker(
  { length }: Properties,
  otherwise: readonly [min: number, max: number] = [SHORTEST, LONGEST],
): (random: Random) => number {
  const [min, max] =
    typeof length === 'number'
      ? [length, length + 1]
      : length
        ? [numberOr(length.min, 0), numberOr(length.max, LONGEST)]
        : otherwise;
  if (!(min >= 0 && max > min))
    throw new SettingsError(`a length is from min up to below max, not ${min} to ${max}`);
  return (random) => min + randomInt(random, max - min);
}

export function bytesOf(length: (random: Random) => number): Make {
  return (random) => Buffer.from(random.bytes(length(random)));
}

function booleans({ iteration, odds = 0.5 }: Properties): Make {
  if (!iteration) return (random) => random.next() < odds;
  let next = (iteration.initial ?? iteration.start ?? false) === true;
  return () => {
    next = !next;
    return !next;
  };
}

function texts(properties: Properties): Make {
  const { regex, prefix = '', suffix = '' } = properties;
  const make = regex === undefined ? letters(lengthMaker(properties)) : textOfRegex(regex);
  return (random) => prefix + make(random) + suffix;
}

function letters(length: (random: Random) => number): MakeText {
  return (random) => Array.from({ length: length(random) }, () => LETTERS(random)).join('');
}

function numbers(avroKind: string, { iteration, range }: Properties): Make {
  const isWhole = avroKind === 'int' || avroKind === 'long';
  if (iteration) return iterated(iteration);
  const [least, most] = RANGES[avroKind]!;
  const [min, max] = [numberOr(range?.min, least), numberOr(range?.max, most)];
  if (!(max > min)) throw new SettingsError(`a range is from min up to below max, not ${min} to ${max}`);
  return (random) => {
    const value = min + random.next() * (max - min);
    return isWhole ? Math.floor(value) : value;
  };
}

/** From `initial` on in steps; before `restart` is reached it begins again at `start`. */
function iterated({ start, restart, step, initial }: NonNullable<Properties['iteration']>): Make {
  const first = numberOr(start, 0);
  const end = numberOr(restart, Number.NaN);
  const by = numberOr(step, end < first ? -1 : 1);
  if (by === 0) throw new SettingsError('the step of an iteration is 0, which leads nowhere');
  let next = numberOr(initial, first);
  return () => {
    const value = next;
    next += by;
    if (by > 0 ? next >= end : next <= end) next = first;
    return value;
  };
}

function decimals(scale: number, { range }: Properties): Make {
  const [min, max] = [numberOr(range?.min, 0), numberOr(range?.max, 100)];
  return (random) => BigInt(Math.floor((min + random.next() * (max - min)) * 10 ** scale));
}

function numberOr(value: unknown, otherwise: number): number {
  if (value === undefined || value === null) return otherwise;
  const number = Number(value);
  if (!Number.isFinite(number)) throw new SettingsError(`${JSON.stringify(value)} is no number`);
  return number;
}
