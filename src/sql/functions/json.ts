import { parseDecimal, rescale } from '../../data/decimal.ts';
import { valueToJson } from '../../data/json-text.ts';
import type { SqlType, SqlValue } from '../../data/types.ts';
import { isJsonObject, type Json, JsonNumber, type JsonObject, readJson, writeJson } from './json-value.ts';
import { type Bound, type ScalarFunction, scalar } from './scalar.ts';

const CATEGORY = 'JSON';

/** A part of a document as SQL shows it: strings bare, everything else as JSON. */
function shown(value: Json): string {
  return typeof value === 'string' ? value : writeJson(value);
}

/** `$.a[0]["b"]` cut into names and indexes; undefined when it is no path. */
function parsePath(path: string): string[] | undefined {
  if (!path.startsWith('$')) return undefined;
  const steps: string[] = [];
  const step = /\.([^.[\]]+)|\[(\d+)\]|\['([^']*)'\]|\["((?:[^"\\]|\\.)*)"\]/y;
  step.lastIndex = 1;
  while (step.lastIndex < path.length) {
    const match = step.exec(path);
    if (match === null) return undefined;
    const [, name, index, single, double] = match;
    steps.push(name ?? index ?? single ?? double!.replace(/\\(.)/g, '$1'));
  }
  return steps;
}

function follow(document: Json | undefined, steps: readonly string[]): Json | undefined {
  let at = document;
  for (const step of steps) {
    if (Array.isArray(at)) at = /^\d+$/.test(step) ? at[Number(step)] : undefined;
    else if (isJsonObject(at)) at = at.get(step);
    else return undefined;
  }
  return at;
}

/** The path is nearly always a constant, so the last one is kept cut. */
function extractor(): (text: string, path: string) => string | null {
  let known: { path: string; steps: string[] | undefined } = { path: '$', steps: [] };
  return (text, path) => {
    if (known.path !== path) known = { path, steps: parsePath(path) };
    if (known.steps === undefined) throw new RangeError(`'${path}' is not a JSON path: it begins with $`);
    const found = follow(readJson(text), known.steps);
    // As in ksqlDB a null in the document is the text null; only what is not there is NULL.
    return found === undefined ? null : shown(found);
  };
}

/** Objects are merged and arrays joined; anything else becomes an element. A single document stays what it is. */
function concat(texts: readonly string[]): string | null {
  const documents = texts.map(readJson);
  if (!documents.every((document) => document !== undefined)) return null;
  const [first, ...others] = documents;
  if (first === undefined) return null;
  if (others.length === 0) return writeJson(first);
  if (documents.every(isJsonObject)) return writeJson(new Map(documents.flatMap((fields) => [...fields])));
  return writeJson(documents.flatMap((document) => (Array.isArray(document) ? document : [document])));
}

/** Whether a JSON value is the SQL value: whole numbers are found among whole ones, texts among texts. */
function equalTo({ argTypes }: Bound): (item: Json, wanted: SqlValue) => boolean {
  const type = argTypes[1] as SqlType;
  switch (type.kind) {
    case 'INTEGER':
    case 'BIGINT':
      return (item, wanted) =>
        item instanceof JsonNumber && item.isWhole && BigInt(item.text) === BigInt(wanted as number);
    case 'DOUBLE':
      return (item, wanted) => item instanceof JsonNumber && !item.isWhole && Number(item.text) === wanted;
    case 'DECIMAL':
      return (item, wanted) =>
        item instanceof JsonNumber && !item.isWhole && decimalIs(item.text, wanted as bigint, type.scale);
    default:
      return (item, wanted) => item === wanted;
  }
}

function decimalIs(text: string, unscaled: bigint, scale: number): boolean {
  const found = parseDecimal(text);
  const digits = Math.max(scale, found.scale);
  return rescale(found.unscaled, found.scale, digits) === rescale(unscaled, scale, digits);
}

function contains(bound: Bound): (text: string | null, wanted: SqlValue) => boolean | null {
  const equal = equalTo(bound);
  return (text, wanted) => {
    if (text === null) return null;
    const items = readJson(text);
    return (
      Array.isArray(items) && items.some((item) => (wanted === null ? item === null : equal(item, wanted)))
    );
  };
}

function ofArray<T extends SqlValue>(give: (items: readonly Json[]) => T) {
  return (text: string): T | null => {
    const items = readJson(text);
    return Array.isArray(items) ? give(items) : null;
  };
}

function ofObject<T extends SqlValue>(give: (fields: JsonObject) => T) {
  return (text: string): T | null => {
    const fields = readJson(text);
    return isJsonObject(fields) ? give(fields) : null;
  };
}

export const JSON_FUNCTIONS: readonly ScalarFunction[] = [
  scalar('EXTRACTJSONFIELD', CATEGORY, "The part of a JSON text at a path like '$.a.b[0]', as text.", [
    ['STRING, STRING -> STRING', extractor],
  ]),
  scalar(
    'IS_JSON_STRING',
    CATEGORY,
    'Whether the text is JSON.',
    [['STRING -> BOOLEAN', () => (text: string | null) => text !== null && readJson(text) !== undefined]],
    { seesNull: true },
  ),
  scalar(
    'JSON_ARRAY_CONTAINS',
    CATEGORY,
    'Whether a JSON array holds a value.',
    [['STRING, T -> BOOLEAN', contains]],
    { seesNull: true },
  ),
  scalar('JSON_ARRAY_LENGTH', CATEGORY, 'Number of elements of a JSON array.', [
    ['STRING -> INTEGER', () => ofArray((items) => items.length)],
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
    ['STRING -> ARRAY<STRING>', () => ofArray((items) => items.map(writeJson))],
  ]),
  scalar('JSON_KEYS', CATEGORY, 'The field names of a JSON object.', [
    ['STRING -> ARRAY<STRING>', () => ofObject((fields) => [...fields.keys()])],
  ]),
  scalar('JSON_RECORDS', CATEGORY, 'The fields of a JSON object: texts bare, other values as JSON text.', [
    [
      'STRING -> MAP<STRING, STRING>',
      () => ofObject((fields) => new Map(Array.from(fields, ([name, value]) => [name, shown(value)]))),
    ],
  ]),
  scalar(
    'TO_JSON_STRING',
    CATEGORY,
    'Any value as JSON text, fields and keys in the order of their names.',
    [['T -> STRING', ({ argTypes }) => valueToJson(argTypes[0]!, true)]],
    { seesNull: true },
  ),
];
