import type { Column } from '../../../src/data/schema.ts';
import { formatSchema } from '../../../src/data/type-text.ts';
import { resolveType } from '../../../src/sql/analyse/resolve-type.ts';
import type { ColumnDefinition } from '../../../src/sql/ast.ts';
import type { Source } from '../../../src/sql/catalog.ts';
import { parseScript } from '../../../src/sql/parser/parse-script.ts';
import { rulesOf } from '../../../src/sql/planner/format-rules.ts';
import type { ExpectedSource } from './expand.ts';
import { type Json, JsonNumber } from './json-text.ts';

/** Why no source of the catalog is as expected; undefined when one is. */
export function sourceDifference(expected: ExpectedSource, sources: readonly Source[]): string | undefined {
  const found = sources.find(({ name }) => name === expected.name);
  if (!found) return `source ${expected.name}: not in the catalog`;
  for (const [what, wanted, actual] of facts(expected, found))
    if (wanted !== undefined && wanted !== actual)
      return `source ${expected.name}: expected ${what} ${wanted}, got ${actual}`;
  return undefined;
}

type Fact = readonly [what: string, wanted: string | undefined, actual: string];

function facts(expected: ExpectedSource, found: Source): Fact[] {
  return [
    ['type', expected.type.toUpperCase(), found.relation],
    [
      'schema',
      expected.schema === undefined ? undefined : schemaText(expected.schema),
      formatSchema(found.schema),
    ],
    ['key format', expected.keyFormat?.format as string | undefined, found.keyFormat.name],
    // What is not windowed has no such field.
    [
      'window type',
      expected.keyFormat && String(expected.keyFormat.windowType ?? 'none'),
      found.window?.type ?? 'none',
    ],
    [
      'window size',
      expected.keyFormat && sizeText(expected.keyFormat.windowSize),
      String(found.window?.sizeMs ?? 'none'),
    ],
    ['value format', expected.valueFormat, found.valueFormat.name],
    ['key wrapping', expected.keyFeatures?.join(), wrapping(isBareKey(found) ? false : undefined)],
    ['value wrapping', expected.valueFeatures?.join(), wrapping(found.valueFormat.wrapSingle)],
    ['read-only', expected.isSource?.toString(), String(found.readOnly ?? false)],
  ];
}

function sizeText(sizeMs: Json | undefined): string {
  return sizeMs instanceof JsonNumber ? sizeMs.text : 'none';
}

/** ksqlDB counts it as a feature that the one column of a key stands bare where it could be wrapped. */
function isBareKey({ keyFormat, schema }: Source): boolean {
  const { wraps, unwraps } = rulesOf(keyFormat.name);
  return schema.key.length === 1 && wraps === true && unwraps === true;
}

function wrapping(wrapSingle: boolean | undefined): string {
  if (wrapSingle === undefined) return '';
  return wrapSingle ? 'WRAP_SINGLES' : 'UNWRAP_SINGLES';
}

/** A list of columns, each with KEY where it is one, in the form of the catalog. */
function schemaText(columns: string): string {
  const [parsed] = parseScript(`CREATE TABLE S (${columns}) WITH (KAFKA_TOPIC='t');`);
  const statement = parsed?.statement;
  if (statement?.kind !== 'createSource') throw new Error(`no list of columns: ${columns}`);
  const catalog = { source: () => undefined, sources: () => [] };
  const resolved = statement.columns.map(({ name, type, role, headerKey }) => ({
    role,
    column: {
      name,
      type: resolveType(type, catalog),
      ...(isHeader(role) && { fromHeaders: headerKey === undefined ? {} : { key: headerKey } }),
    } satisfies Column,
  }));
  return formatSchema({
    key: resolved.filter(({ role }) => isKey(role)).map(({ column }) => column),
    value: resolved.filter(({ role }) => !isKey(role)).map(({ column }) => column),
  });
}

function isHeader(role: ColumnDefinition['role']): boolean {
  return role === 'HEADERS' || role === 'HEADER';
}

function isKey(role: ColumnDefinition['role']): boolean {
  return role === 'KEY' || role === 'PRIMARY KEY';
}
