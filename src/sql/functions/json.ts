import { valueToJson } from '../../data/json-text.ts';
import type { SqlValue } from '../../data/types.ts';
import { type ScalarFunction, scalar } from './scalar.ts';

const CATEGORY = 'JSON';
type Json = null | boolean | number | string | Digits | Json[] | { [name: string]: Json };

/** A number as it was written: 1.50 is not to become 1.5. */
class Digits {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** The first document of a text, whatever stands behind it. */
function parseFirst(text: string): Json | undefined {
  try {
    return JSON.parse(text.slice(0, documentEnd(text)), keepDigits) as Json;
  } catch {
    return undefined;
  }
}

function keepDigits(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === 'number' ? new Digits(context?.source ?? String(value)) : value;
}

/** Behind the brace or bracket that closes the first one; documents of other kinds are the whole text. */
function documentEnd(text: string): number {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else continue;
    if (depth <= 0) return index + 1;
  }
  return text.length;
}

/** A part of a document as SQL shows it: strings bare, everything else as JSON, null as NULL. */
function shown(value: Json | undefined): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : written(value);
}

function written(value: Json): string {
  if (value instanceof Digits) return value.text;
  if (Array.isArray(value)) return `[${value.map(written).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, item]) => `${JSON.stringify(name)}:${written(item)}`)
    .join(',')}}`;
}

/** `$.a[0]['b']` cut into names and indexes; undefined when it is no path. */
function parsePath(path: string): (string | number)[] | undefined {
  if (!path.startsWith('$')) return undefined;
  const steps: (string | number)[] = [];
  const step = /\.([^.[\]]+)|\[(\d+)\]|\['((?:[^'])*)'\]/y;
  step.lastIndex = 1;
  while (step.lastIndex < path.length) {
    const match = step.exec(path);
    if (match === null) return undefined;
    steps.push(match[2] === undefined ? (match[1] ?? match[3]!) : Number(match[2]));
  }
  return steps;
}

function follow(document: Json | undefined, steps: readonly (string | number)[]): Json | undefined {
  let at = document;
  for (const step of steps) {
    if (Array.isArray(at)) at = typeof step === 'number' ? at[step] : undefined;
    else if (isObject(at)) at = Object.hasOwn(at, step) ? at[step] : undefined;
    else return undefined;
  }
  return at;
}

function isObject(value: Json | undefined): value is { [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Digits);
}

/** The path is nearly always a constant, so the last one is kept cut. */
function extractor(): (text: string, path: string) => string | null {
  let known: { path: string; steps: (string | number)[] | undefined } = { path: '$', steps: [] };
  return (text, path) => {
    if (known.path !== path) known = { path, steps: parsePath(path) };
    if (known.steps === undefined) throw new RangeError(`'${path}' is not a JSON path: it begins with $`);
    return shown(follow(parseFirst(text), known.steps));
  };
}

/** Objects are merged and arrays joined; anything else becomes an element. */
function concat(texts: readonly string[]): string | null {
  const documents = texts.map(parse);
  if (documents.length === 0 || documents.some((document) => document === undefined)) return null;
  if (documents.every(isObject)) return JSON.stringify(Object.assign({}, ...documents));
  return JSON.stringify(documents.flatMap((document) => document as Json[]));
}

function contains(text: string, wanted: string): boolean {
  const items = parse(text);
  return (
    Array.isArray(items) &&
    items.some((item) => item !== null && typeof item !== 'object' && String(item) === wanted)
  );
}

export const JSON_FUNCTIONS: readonly ScalarFunction[] = [
  scalar('EXTRACTJSONFIELD', CATEGORY, "The part of a JSON text at a path like '$.a.b[0]', as text.", [
    ['STRING, STRING -> STRING', extractor],
  ]),
  scalar(
    'IS_JSON_STRING',
    CATEGORY,
    'Whether the text is JSON.',
    [['STRING -> BOOLEAN', () => (text: string | null) => text !== null && parse(text) !== undefined]],
    { seesNull: true },
  ),
  scalar('JSON_ARRAY_CONTAINS', CATEGORY, 'Whether a JSON array holds a value.', [
    [
      'STRING, STRING -> BOOLEAN',
      () => (text: string, wanted: string) => {
        const items = parse(text);
        return Array.isArray(items) && items.includes(wanted);
      },
    ],
    ['STRING, T -> BOOLEAN', () => (text: string, wanted: SqlValue) => contains(text, String(wanted))],
  ]),
  scalar('JSON_ARRAY_LENGTH', CATEGORY, 'Number of elements of a JSON array.', [
    [
      'STRING -> INTEGER',
      () => (text: string) => {
        const items = parse(text);
        return Array.isArray(items) ? items.length : null;
      },
    ],
  ]),
  scalar('JSON_CONCAT', CATEGORY, 'JSON objects merged, or JSON arrays joined, into one.', [
    [
      'STRING... -> STRING',
      () =>
        (...texts: string[]) =>
          concat(texts),
    ],
  ]),
  scalar('JSON_ITEMS', CATEGORY, 'The elements of a JSON array, each as JSON text.', [
    [
      'STRING -> ARRAY<STRING>',
      () => (text: string) => {
        const items = parse(text);
        return Array.isArray(items) ? items.map((item) => JSON.stringify(item)) : null;
      },
    ],
  ]),
  scalar('JSON_KEYS', CATEGORY, 'The field names of a JSON object.', [
    [
      'STRING -> ARRAY<STRING>',
      () => (text: string) => {
        const fields = parse(text);
        return isObject(fields) ? Object.keys(fields) : null;
      },
    ],
  ]),
  scalar('JSON_RECORDS', CATEGORY, 'The fields of a JSON object, each value as JSON text.', [
    [
      'STRING -> MAP<STRING, STRING>',
      () => (text: string) => {
        const fields = parse(text);
        return isObject(fields)
          ? new Map(Object.entries(fields).map(([name, value]) => [name, JSON.stringify(value)]))
          : null;
      },
    ],
  ]),
  scalar(
    'TO_JSON_STRING',
    CATEGORY,
    'Any value as JSON text.',
    [['T -> STRING', ({ argTypes }) => valueToJson(argTypes[0]!)]],
    { seesNull: true },
  ),
];
