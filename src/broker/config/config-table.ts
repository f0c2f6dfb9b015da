/** DescribeConfigs' type codes are the position in this list plus one. */
export const CONFIG_TYPES = [
  'boolean',
  'string',
  'int',
  'short',
  'long',
  'double',
  'list',
  'class',
  'password',
] as const;

export type ConfigType = (typeof CONFIG_TYPES)[number];

/** One row of a config table. */
export interface ConfigDefinition {
  readonly name: string;
  readonly type: ConfigType;
  /** As Kafka prints it; null where Kafka has no value. */
  readonly default: string | null;
  readonly doc: string;
  readonly min?: number;
  readonly max?: number;
  /** A value that counts although it lies outside the range. */
  readonly also?: string;
  /** The only values allowed, of the whole or of each element of a list. */
  readonly oneOf?: readonly string[];
  readonly anyCase?: true;
  /** The broker config a topic config takes its default from. */
  readonly broker?: string;
  /** Only at start, not by an alter request. */
  readonly readOnly?: true;
  /** Of the broker configs: not for all brokers at once. */
  readonly perBroker?: true;
  /** In no table. */
  readonly unknown?: true;
  /** Counts, but no tool is shown it. */
  readonly internal?: true;
}

export type ConfigTable = ReadonlyMap<string, ConfigDefinition>;

export function configTable(rows: readonly ConfigDefinition[]): ConfigTable {
  return new Map(rows.map((row) => [row.name, row]));
}

export const LONG_MAX = '9223372036854775807';
const RANGES: Partial<Record<ConfigType, readonly [bigint, bigint]>> = {
  short: [-32768n, 32767n],
  int: [-2147483648n, 2147483647n],
  long: [-9223372036854775808n, 9223372036854775807n],
};

/** What is wrong with a value, in Kafka's wording; undefined when nothing is. */
export function configProblem(definition: ConfigDefinition, value: string): string | undefined {
  const invalid = (why: string, shown = value) =>
    `Invalid value ${shown} for configuration ${definition.name}: ${why}`;
  const range = RANGES[definition.type];
  if (range !== undefined) {
    const type = definition.type.toUpperCase();
    if (!/^\s*[+-]?\d+\s*$/.test(value)) return invalid(`Not a number of type ${type}`);
    const number = BigInt(value.trim().replace(/^\+/, ''));
    if (number < range[0] || number > range[1]) return invalid(`Not a number of type ${type}`);
    if (definition.also === String(number)) return undefined;
    return boundsProblem(definition, Number(number), invalid);
  }
  switch (definition.type) {
    case 'double':
      if (value.trim() === '' || Number.isNaN(Number(value))) return invalid('Not a number of type DOUBLE');
      return boundsProblem(definition, Number(value), (why) => invalid(why, doubleText(Number(value))));
    case 'boolean':
      return /^\s*(true|false)\s*$/i.test(value)
        ? undefined
        : invalid('Expected value to be either true or false');
    default: {
      if (definition.oneOf === undefined) return undefined;
      const parts = definition.type === 'list' ? listItems(value) : [value];
      const unknown = parts.find((part) => !isOneOf(part, definition));
      if (unknown === undefined) return undefined;
      const words = definition.oneOf.join(', ');
      return `Invalid value ${unknown} for configuration ${definition.name}: String must be one of${
        definition.anyCase ? ' (case insensitive)' : ''
      }: ${words}`;
    }
  }
}

/** As Java writes it. */
function doubleText(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : `${value}`;
}

function isOneOf(word: string, { oneOf = [], anyCase }: ConfigDefinition): boolean {
  return oneOf.includes(anyCase ? word.toUpperCase() : word);
}

function boundsProblem(
  { min, max, also }: ConfigDefinition,
  value: number,
  invalid: (why: string) => string,
): string | undefined {
  if (also !== undefined && (value < min! || value > max!))
    return invalid(`Value must be between ${min} and ${max} or equal to ${also}`);
  if (min !== undefined && value < min) return invalid(`Value must be at least ${min}`);
  if (max !== undefined && value > max) return invalid(`Value must be no more than ${max}`);
  return undefined;
}

export function listItems(value: string): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
