import type { Column, Schema } from '../../data/schema.ts';
import { quoteName } from '../../data/type-text.ts';
import { analyse, type Scope } from '../analyse/analyse-expression.ts';
import type { At, Query } from '../ast.ts';
import type { Expression } from '../expression.ts';
import { nameText } from '../expression-text.ts';
import type { ProjectStep } from '../plan.ts';
import type { ResultColumn } from '../planned.ts';
import { SqlError } from '../sql-error.ts';
import { RESERVED_COLUMNS } from './create-source.ts';
import { columnText, type Pipeline, plainColumn, SYNTHETIC } from './pipeline.ts';
import type { Item } from './select-items.ts';
import { rowSchema } from './window.ts';

/**
 * The projection of a query that writes a topic: the items that are key columns become the sink's key, in the key's
 * order, the others its value.
 */
export function projectForSink(
  pipeline: Pipeline,
  query: Query,
  items: readonly Item[],
  scope: Scope,
  sinkName: string,
): ProjectStep {
  const starred = query.items.some((item) => item.kind === 'star');
  const keyTexts = selectableTexts(pipeline, query);
  const keyItems = keyTexts.map((texts) => keyItem(pipeline, texts, items));
  const missing = pipeline.keys.filter((_, i) => keyItems[i] === undefined);
  // PARTITION BY an expression under a star: the star means the whole row, so the new key goes with it.
  const addsKey = starred && query.partitionBy.length > 0;
  if (missing.length > 0 && !addsKey) throw missingKey(pipeline, query, keyTexts, sinkName);
  const key = pipeline.keys.map(({ name, type }, i) => ({ name: keyItems[i]?.name ?? name, type }));
  const valueItems = items.filter((item) => !keyItems.includes(item));
  refuseRepeatedKey(pipeline, keyItems, valueItems);
  if (valueItems.length === 0)
    throw new SqlError(
      'SELECT takes the key alone, so rows would have no value. Select a column that is not of the key, or AS_VALUE of one that is.',
      query.line,
      query.column,
    );
  const values = valueItems.map((item) => ({ item, expression: typeOf(pipeline, scope, item) }));
  const value = values.map(({ item, expression }) => ({ name: item.name, type: expression.type }));
  refuseDuplicates(key, value, query);
  refuseReserved(value, query);
  return projectStep(pipeline, rowSchema({ key, value }, pipeline.window?.key), [
    ...keyReferences(pipeline),
    ...values.map(({ expression }) => expression),
  ]);
}

/** The projection of a query whose rows are only shown: the key stays, every item is a value column, in order. */
export function projectForReading(
  pipeline: Pipeline,
  items: readonly Item[],
  scope: Scope,
): { step: ProjectStep; columns: ResultColumn[] } {
  const values = items.map((item) => ({ item, expression: typeOf(pipeline, scope, item) }));
  const value = values.map(({ item, expression }) => ({ name: item.name, type: expression.type }));
  refuseDuplicates([], value, items[0]!);
  const key = pipeline.step.schema.key.map(plainColumn);
  const step = projectStep(pipeline, { key, value }, [
    ...keyReferences(pipeline),
    ...values.map(({ expression }) => expression),
  ]);
  const columns = value.map((column, i): ResultColumn => {
    const keyIndex = pipeline.keyPosition(items[i]!.expression);
    return keyIndex < 0 ? { ...column, key: false } : { ...column, key: true, keyIndex };
  });
  return { step, columns };
}

function typeOf(pipeline: Pipeline, scope: Scope, item: Item): Expression {
  pipeline.clause = 'SELECT';
  return analyse(item.expression, scope);
}

function keyReferences(pipeline: Pipeline): Expression[] {
  for (const column of pipeline.columns) {
    if (pipeline.keys.some((key) => key.texts.includes(columnText(column.alias, column.name)))) {
      column.use();
    }
  }
  return pipeline.step.schema.key.map(({ name, type }, index) => ({ kind: 'column', index, name, type }));
}

function projectStep(pipeline: Pipeline, schema: Schema, columns: readonly Expression[]): ProjectStep {
  return {
    step: 'projectV1',
    id: 'Project',
    relation: pipeline.step.relation,
    schema,
    input: pipeline.step,
    columns,
  };
}

/** What selects each key column. Of a join only columns do: an expression that it compares is computed for it alone. */
function selectableTexts(pipeline: Pipeline, query: Query): (readonly string[])[] {
  const all = pipeline.keys.map(({ texts }) => texts);
  if (!isPlainJoin(query)) return all;
  const columns = new Set(pipeline.columns.map(({ alias, name }) => columnText(alias, name)));
  return all.map((texts) => texts.filter((text) => columns.has(text)));
}

function isPlainJoin({ joins, groupBy, partitionBy }: Query): boolean {
  return joins.length > 0 && groupBy.length === 0 && partitionBy.length === 0;
}

/** The item that selects a key column: by its best-known expression first (a join's left side before its right). */
function keyItem(pipeline: Pipeline, texts: readonly string[], items: readonly Item[]): Item | undefined {
  for (const text of texts) {
    const item = items.find((candidate) => pipeline.textOf(candidate.expression) === text);
    if (item !== undefined) return item;
  }
  return undefined;
}

function refuseRepeatedKey(
  pipeline: Pipeline,
  keyItems: readonly (Item | undefined)[],
  rest: readonly Item[],
): void {
  for (const [i, item] of keyItems.entries()) {
    if (item === undefined) continue;
    const text = pipeline.textOf(item.expression);
    const again = rest.find((candidate) => pipeline.textOf(candidate.expression) === text);
    if (again === undefined) continue;
    throw new SqlError(
      `SELECT takes key column ${quoteName(pipeline.keys[i]!.name)} twice, as ${item.name} and ${again.name}. Take it once, and AS_VALUE of it for a copy in the value.`,
      again.line,
      again.column,
    );
  }
}

function refuseDuplicates(key: readonly Column[], value: readonly Column[], at: At): void {
  const seen = new Set(key.map((column) => column.name));
  for (const { name } of value) {
    if (seen.has(name)) {
      throw new SqlError(
        `Two columns would be called ${quoteName(name)}. Give one another name with AS.`,
        at.line,
        at.column,
      );
    }
    seen.add(name);
  }
}

/** What is written has columns of its own of these names when it is read. */
function refuseReserved(columns: readonly Column[], at: At): void {
  const reserved = columns.find((column) => RESERVED_COLUMNS.includes(column.name));
  if (reserved === undefined) return;
  throw new SqlError(
    `${quoteName(reserved.name)} is a name that every row has already. Leave the column out, or give it another name with AS.`,
    at.line,
    at.column,
  );
}

function missingKey(
  pipeline: Pipeline,
  query: Query,
  texts: readonly (readonly string[])[],
  sinkName: string,
): SqlError {
  const shown = texts.map((alternatives) => alternatives.map((text) => shortName(text, pipeline)));
  const names = shown.map((alternatives) => alternatives[0]!);
  const what =
    query.groupBy.length > 0
      ? 'grouping expression'
      : query.partitionBy.length > 0
        ? 'partitioning expression'
        : 'key column';
  const plural = (count: number) => (count > 1 ? 's' : '');
  const list =
    isPlainJoin(query) && pipeline.step.step === 'foreignKeyJoinV1'
      ? `primary key of the left table: ${names.join(', ')}`
      : isPlainJoin(query)
        ? `join expression${plural(shown[0]!.length)} ${shown[0]!.join(', ').replace(/, (?!.*, )/, ' or ')}`
        : `${what}${plural(names.length)} ${names.join(' and ')}`;
  const isSynthetic = isPlainJoin(query) && pipeline.columns.some(({ alias }) => alias === SYNTHETIC);
  const synthetic = isSynthetic
    ? `\n${names[0]} is the key of the join, since no column of a source equals it in every row. It may be given another name.`
    : '';
  return new SqlError(
    `Rows of ${quoteName(sinkName)} would have no key: SELECT leaves out the ${list}. Write SELECT ${names.join(', ')}, ...${synthetic}`,
    query.line,
    query.column,
  );
}

/** Without the alias where there is only one source. */
function shortName(text: string, pipeline: Pipeline): string {
  const [alias] = pipeline.aliases;
  return pipeline.aliases.length === 1 ? text.replaceAll(`${nameText(alias!)}.`, '') : text;
}
