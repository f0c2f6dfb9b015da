import { equalValues } from '../../data/compare.ts';
import type { Column } from '../../data/schema.ts';
import { formatSchema, quoteName } from '../../data/type-text.ts';
import type { SqlValue } from '../../data/types.ts';
import { valueToText } from '../../data/value-text.ts';
import type { StatementOf } from '../../sql/ast.ts';
import type { Catalog, Source } from '../../sql/catalog.ts';
import type { FormatSpec } from '../../sql/plan.ts';
import { planStatement } from '../../sql/plan-statement.ts';
import type { PlannedOf } from '../../sql/planned.ts';
import { rowSchema } from '../../sql/planner/window.ts';
import { SqlError } from '../../sql/sql-error.ts';
import type { AssertStatement } from './assert-statement.ts';
import type { PipedServer, SeenRecord } from './piped-server.ts';

/** Why the assertion does not hold, a line each; undefined: it does. Throws SqlError for one that makes no sense. */
export async function checkAssert(
  assertion: AssertStatement,
  text: string,
  server: PipedServer,
): Promise<string[] | undefined> {
  if (assertion.kind === 'source') return sourceDifference(assertion.source, text, server);
  const source = sourceOf(assertion.row, server.catalog);
  const wanted = wantedValues(assertion.row, source, text, server);
  const record = await server.nextRecord(source);
  const place = `the next record of ${source.name}`;
  if (!record) return [`there is no further record in ${source.name}`];
  if (assertion.kind === 'values' && record.row === null)
    return [`${place} is a tombstone`, ...bothSides(wanted, record, source)];
  if (assertion.kind === 'tombstone' && record.row !== null)
    return [`${place} is no tombstone`, ...bothSides(wanted, record, source)];
  const wrong = wanted.filter(
    ({ column, value }) => !equalValues(value, actualValue(column, record, source)),
  );
  if (wrong.length === 0) return undefined;
  const names = wrong.map(({ column }) => column.name).join(', ');
  return [`${place} differs in ${names}`, ...bothSides(wanted, record, source)];
}

interface Wanted {
  readonly column: Column;
  readonly value: SqlValue;
}

const ROWTIME: Column = { name: 'ROWTIME', type: { kind: 'BIGINT' } };

function sourceOf({ target, line, column }: StatementOf<'insertValues'>, catalog: Catalog): Source {
  const source = catalog.source(target);
  if (!source) throw new SqlError(`There is no stream or table ${target}`, line, column);
  return source;
}

/** The values as the source's columns would take them from an INSERT; bounds of windows are columns here too. */
function wantedValues(
  row: StatementOf<'insertValues'>,
  source: Source,
  text: string,
  { catalog, nowMs }: PipedServer,
): Wanted[] {
  const { window: _, readOnly: __, ...plain } = source;
  const insertable: Source = {
    ...plain,
    relation: 'STREAM',
    schema: rowSchema(source.schema, source.window),
  };
  const planned = planStatement(
    { statement: row, text },
    { ...lookup(catalog), source: () => insertable },
    { properties: {}, nextQueryId: 0, nowMs },
  ) as PlannedOf<'insertValues'>;
  const columns = planned.columns;
  const named =
    row.columns.length > 0 ? row.columns.map(({ name }) => name) : columns.map(({ name }) => name);
  return named.map((name) => {
    if (name === ROWTIME.name) return { column: ROWTIME, value: planned.timestampMs ?? null };
    const at = columns.findIndex((column) => column.name === name);
    return { column: columns[at] as Column, value: planned.row[at] ?? null };
  });
}

function actualValue({ name }: Column, { key, row, timestampMs }: SeenRecord, source: Source): SqlValue {
  if (name === ROWTIME.name) return timestampMs;
  const schema = rowSchema(source.schema, source.window);
  const at = [...schema.key, ...schema.value].findIndex((column) => column.name === name);
  return (at < schema.key.length ? key : row)?.[at] ?? null;
}

function bothSides(wanted: readonly Wanted[], record: SeenRecord, source: Source): string[] {
  const schema = rowSchema(source.schema, source.window);
  const shown = record.row === null ? schema.key : [...schema.key, ...schema.value];
  const hasTime = wanted.some(({ column }) => column === ROWTIME);
  const columns = hasTime ? [...shown, ROWTIME] : shown;
  const actual = columns.map((column) => ({ column, value: actualValue(column, record, source) }));
  return [`  expected  ${rowText(wanted)}`, `  actual    ${rowText(actual)}`];
}

function rowText(values: readonly Wanted[]): string {
  return values.map(({ column, value }) => `${column.name}=${valueToText(column.type)(value)}`).join('  ');
}

function sourceDifference(
  statement: StatementOf<'createSource'>,
  text: string,
  { catalog, nowMs, session }: PipedServer,
): string[] | undefined {
  const actual = catalog.source(statement.name);
  if (!actual) return [`there is no ${statement.relation.toLowerCase()} ${statement.name}`];
  const planned = planStatement(
    { statement, text },
    { ...lookup(catalog), source: () => undefined },
    { properties: Object.fromEntries(session.properties), nextQueryId: 0, nowMs },
  ) as PlannedOf<'createSource'>;
  const wantedFacts = facts(planned.source);
  const actualFacts = facts(actual);
  const lines = Object.entries(wantedFacts).flatMap(([what, wanted]) =>
    wanted === actualFacts[what] ? [] : [`${what}: expected ${wanted}, is ${actualFacts[what]}`],
  );
  return lines.length === 0
    ? undefined
    : [`${actual.name} is declared otherwise`, ...lines.map((l) => `  ${l}`)];
}

function facts(source: Source): Record<string, string> {
  const { relation, topic, schema, keyFormat, valueFormat, window, timestamp, readOnly } = source;
  return {
    kind: `${readOnly ? 'SOURCE ' : ''}${relation}`,
    topic: quoteName(topic),
    columns: formatSchema(schema),
    'key format': formatText(keyFormat, schema.key.length),
    'value format': formatText(valueFormat, schema.value.length),
    window: window ? `${window.type}${window.sizeMs === undefined ? '' : ` of ${window.sizeMs} ms`}` : 'none',
    timestamp: timestamp ? [timestamp.column, timestamp.format ?? ''].join(' ').trim() : 'none',
  };
}

/** Wrapping means something for one column only. */
function formatText(format: FormatSpec, width: number): string {
  const { name, wrapSingle, ...more } = format;
  const others = Object.entries(more).map(([property, value]) => `${property} ${String(value)}`);
  const wrapped = wrapSingle === undefined || width !== 1 ? [] : [wrapSingle ? 'wrapped' : 'not wrapped'];
  return [name, ...others, ...wrapped].join(', ');
}

function lookup(catalog: Catalog): Omit<Catalog, 'source'> {
  return { sources: () => catalog.sources(), type: (name) => catalog.type?.(name) };
}
