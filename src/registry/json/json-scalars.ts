import type { Incompatibility } from '../parsed-schema.ts';

import { fault, type JsonType, type Keywords, numberOf } from './json-keywords.ts';

/** Types, enumerations, and the limits of numbers and texts. */
export function scalarFaults(reader: Keywords, writer: Keywords, path: string): Incompatibility[] {
  const found = typeFaults(reader, writer, path);
  if (found.length > 0) return found;
  found.push(...valueFaults(reader, writer, path));
  // Of a writer with a few values each is known; limits say nothing more.
  if (writer.values && found.length === 0 && reader.values) return found;
  if (has(writer, 'number', 'integer')) found.push(...numberFaults(reader, writer, path));
  if (has(writer, 'string')) found.push(...textFaults(reader, writer, path));
  return found;
}

function has({ types }: Keywords, ...wanted: readonly JsonType[]): boolean {
  return wanted.some((type) => types.has(type));
}

function typeFaults(reader: Keywords, writer: Keywords, path: string): Incompatibility[] {
  const missing = [...writer.types].filter((type) => !reader.types.has(type));
  if (missing.length === 0) return [];
  const overlap = [...writer.types].some((type) => reader.types.has(type));
  const [rule, what] = overlap ? (['TYPE_NARROWED', 'also '] as const) : (['TYPE_CHANGED', ''] as const);
  const reads = [...reader.types].join(', ');
  return [
    fault(rule, `${path}/type`, `The writer ${what}writes ${missing.join(', ')}, the reader takes ${reads}`),
  ];
}

function valueFaults(reader: Keywords, writer: Keywords, path: string): Incompatibility[] {
  if (!reader.values) return [];
  const place = `${path}/${'const' in reader.node ? 'const' : 'enum'}`;
  if (!writer.values) {
    // The two booleans and null need no list.
    const all = [...writer.types].flatMap((type) => ALL_VALUES[type] ?? ['?']);
    if (all.every((value) => reader.values?.has(value))) return [];
    return [fault('ENUM_ARRAY_ADDED', place, 'The reader takes certain values only, the writer writes any')];
  }
  const missing = [...writer.values].filter((value) => !reader.values?.has(value));
  if (missing.length === 0) return [];
  return [
    fault(
      'ENUM_ARRAY_NARROWED',
      place,
      `The reader does not take values of the writer: ${missing.join(', ')}`,
    ),
  ];
}

const ALL_VALUES: { readonly [Type in JsonType]?: readonly string[] } = {
  null: ['null'],
  boolean: ['true', 'false'],
};

function numberFaults(reader: Keywords, writer: Keywords, path: string): Incompatibility[] {
  const found = [
    ...boundFaults(lowerBound(reader), lowerBound(writer), 'MINIMUM', `${path}/minimum`, -1),
    ...boundFaults(upperBound(reader), upperBound(writer), 'MAXIMUM', `${path}/maximum`, 1),
  ];
  const step = numberOf(reader, 'multipleOf');
  const written = numberOf(writer, 'multipleOf') ?? (writer.types.has('number') ? undefined : 1);
  if (step !== undefined && (written === undefined || !isMultiple(written, step)))
    found.push(
      fault(
        written === undefined ? 'MULTIPLE_OF_ADDED' : 'MULTIPLE_OF_CHANGED',
        `${path}/multipleOf`,
        `The reader takes multiples of ${step}, the writer writes ${written === undefined ? 'any number' : `multiples of ${written}`}`,
      ),
    );
  return found;
}

function isMultiple(number: number, step: number): boolean {
  const quotient = number / step;
  return Math.abs(quotient - Math.round(quotient)) < 1e-9;
}

interface Bound {
  readonly value: number;
  readonly exclusive: boolean;
}

/** Draft 4 has `exclusiveMinimum: true` beside a minimum, later ones a number of its own. */
function lowerBound(keywords: Keywords): Bound | undefined {
  return bound(keywords, 'minimum', 'exclusiveMinimum', (exclusive, inclusive) => exclusive >= inclusive);
}

function upperBound(keywords: Keywords): Bound | undefined {
  return bound(keywords, 'maximum', 'exclusiveMaximum', (exclusive, inclusive) => exclusive <= inclusive);
}

function bound(
  keywords: Keywords,
  inclusiveName: string,
  exclusiveName: string,
  isTighter: (exclusive: number, inclusive: number) => boolean,
): Bound | undefined {
  const inclusive = numberOf(keywords, inclusiveName);
  const exclusive = numberOf(keywords, exclusiveName);
  if (exclusive !== undefined && (inclusive === undefined || isTighter(exclusive, inclusive)))
    return { value: exclusive, exclusive: true };
  if (inclusive === undefined) return undefined;
  return { value: inclusive, exclusive: keywords.node[exclusiveName] === true };
}

/** `side` is 1 for an upper bound, -1 for a lower one. */
function boundFaults(
  reader: Bound | undefined,
  writer: Bound | undefined,
  name: string,
  path: string,
  side: 1 | -1,
): Incompatibility[] {
  if (!reader) return [];
  const limit = `${reader.exclusive ? 'below' : 'to'} ${reader.value}`.replace(
    'below',
    side > 0 ? 'below' : 'above',
  );
  if (!writer)
    return [
      fault(`${name}_ADDED`, path, `The reader takes numbers only ${limit}, the writer has no such limit`),
    ];
  const distance = (writer.value - reader.value) * side;
  if (distance < 0 || (distance === 0 && (!reader.exclusive || writer.exclusive))) return [];
  return [
    fault(
      side > 0 ? `${name}_DECREASED` : `${name}_INCREASED`,
      path,
      `The reader takes numbers only ${limit}, the writer writes up to ${writer.value}`,
    ),
  ];
}

function textFaults(reader: Keywords, writer: Keywords, path: string): Incompatibility[] {
  const found = countFaults(reader, writer, 'Length', 'characters', path);
  const { pattern } = reader.node;
  if (pattern !== undefined && pattern !== writer.node.pattern)
    found.push(
      fault(
        writer.node.pattern === undefined ? 'PATTERN_ADDED' : 'PATTERN_CHANGED',
        `${path}/pattern`,
        `The reader takes only what matches ${JSON.stringify(pattern)}, which the writer does not promise`,
      ),
    );
  return found;
}

const RULES: Readonly<Record<string, string>> = {
  Length: 'LENGTH',
  Items: 'ITEMS',
  Properties: 'PROPERTIES',
};

/** `minX` and `maxX`. */
export function countFaults(
  reader: Keywords,
  writer: Keywords,
  keyword: 'Length' | 'Items' | 'Properties',
  noun: string,
  path: string,
): Incompatibility[] {
  const found: Incompatibility[] = [];
  for (const [prefix, side, change] of [
    ['min', -1, 'INCREASED'],
    ['max', 1, 'DECREASED'],
  ] as const) {
    const name = `${prefix}${keyword}`;
    const read = numberOf(reader, name) ?? (side < 0 ? 0 : undefined);
    const written = numberOf(writer, name) ?? (side < 0 ? 0 : undefined);
    if (read === undefined || (written !== undefined && (written - read) * side <= 0)) continue;
    const isNew = numberOf(writer, name) === undefined;
    const limit = side < 0 ? 'at least' : 'at most';
    found.push(
      fault(
        `${prefix.toUpperCase()}_${RULES[keyword]}_${isNew ? 'ADDED' : change}`,
        `${path}/${name}`,
        `The reader takes ${limit} ${read} ${noun}, the writer ${isNew ? 'has no such limit' : `${limit} ${written}`}`,
      ),
    );
  }
  return found;
}
